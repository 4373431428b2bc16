"""What operators read above the columns."""

from typing import TYPE_CHECKING

import pytest
from django.apps import apps
from django.utils import translation

from apps.goods.models import Channel
from apps.payment.models import Refund

if TYPE_CHECKING:
    from django.db.models import Model

MODELS = list(apps.get_app_config("payment").get_models())


def labels(model: type["Model"]) -> list[str]:
    with translation.override("zh-hans"):
        return [str(field.verbose_name) for field in model._meta.fields]


@pytest.mark.parametrize("model", MODELS)
def test_no_two_columns_have_the_same(model: type["Model"]) -> None:
    said = labels(model)
    assert sorted(said) == sorted(set(said))


def test_the_way_back_is_no_channel_of_the_home_page() -> None:
    with translation.override("zh-hans"):
        assert str(Channel._meta.verbose_name) == "频道"
        assert str(Refund._meta.get_field("channel").verbose_name) == "退款方式"
        assert str(Refund._meta.get_field("out_request_no").verbose_name) == "商户退款单号"
