"""What operators read above the columns."""

from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.utils import translation

from apps.goods.models import Channel
from apps.payment.gateways import name_of
from apps.payment.models import Refund
from apps.payment.services.alerts import alert

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


@pytest.mark.django_db
def test_an_alert_names_the_provider_in_the_language_it_is_written_in(
    django_capture_on_commit_callbacks: Any,
    mailoutbox: list[Any],
    caplog: pytest.LogCaptureFixture,
    settings: Any,
) -> None:
    settings.ADMINS = [("Operator", "operator@example.com")]
    with translation.override("en"), django_capture_on_commit_callbacks(execute=True):
        alert("%(provider)s", "", provider=name_of("wechatpay"))
    assert "WeChat Pay" in caplog.text
    assert mailoutbox[0].subject.endswith("微信支付")
