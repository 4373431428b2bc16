"""What the tables themselves refuse."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from apps.payment.models import Difference, Statement

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 22)


@pytest.fixture
def statement() -> Statement:
    return Statement.objects.create(provider="alipay", account="2088", day=DAY)


def test_a_day_has_one_statement_per_provider_and_account(statement: Statement) -> None:
    Statement.objects.create(provider="alipay", account="2089", day=DAY)
    Statement.objects.create(provider="wechatpay", account="2088", day=DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Statement.objects.create(provider="alipay", account="2088", day=DAY)


def test_a_difference_is_there_once_per_statement(statement: Statement) -> None:
    key = Difference.key_of("payment", "fee", "1")
    Difference.objects.create(statement=statement, kind="payment", type="fee", key=key)
    with pytest.raises(IntegrityError), transaction.atomic():
        Difference.objects.create(statement=statement, kind="payment", type="fee", key=key)


def test_keys_tell_letters_of_another_case_apart() -> None:
    assert Difference.key_of("payment", "fee", "a") != Difference.key_of("payment", "fee", "A")
    assert Difference.key_of("payment", "fee", "1", "") != Difference.key_of(
        "payment", "fee", "", "1"
    )
