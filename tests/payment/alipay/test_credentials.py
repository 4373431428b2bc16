"""Each thing that can be wrong with our account, told apart."""

import pytest
from Crypto.PublicKey import RSA
from django.utils import translation

from apps.payment.exceptions import Misconfigured, Unknown
from apps.payment.gateways.alipay import AlipayGateway
from tests.payment.alipay.conftest import AT, Provider

QUERY = "alipay.trade.query"


def test_all_is_well(gateway: AlipayGateway, provider: Provider) -> None:
    provider.refuses(QUERY, "ACQ.TRADE_NOT_EXIST")
    gateway.check_credentials(at=AT)
    assert provider.content(QUERY) == {"out_trade_no": "check_credentials"}


@pytest.mark.parametrize(
    ("code", "sub_code", "mend"),
    [
        ("40002", "isv.invalid-app-id", "ALIPAY_APP_ID"),
        ("40002", "isv.invalid-signature", "public half of ALIPAY_APP_PRIVATE_KEY"),
        ("40003", "isv.missing-signature-config", "public half of ALIPAY_APP_PRIVATE_KEY"),
        ("40002", "isv.invalid-timestamp", "clock"),
        ("40006", "isv.insufficient-isv-permissions", "may not ask"),
        ("40006", "isv.something-else", "may not ask"),
        ("40002", "isv.missing-app-cert-sn", "uses certificates"),
        ("40002", "isv.invalid-app-cert-sn", "download ALIPAY_APP_CERT"),
        ("40002", "isv.invalid-alipay-root-cert-sn", "ALIPAY_ROOT_CERT"),
        ("40002", "isv.app-cert-expired", "expired"),
        ("40002", "isv.suspected-attack", "isv.suspected-attack"),
    ],
)
def test_what_to_mend(
    gateway: AlipayGateway, provider: Provider, code: str, sub_code: str, mend: str
) -> None:
    provider.refuses(QUERY, sub_code, code=code)
    with translation.override("en"), pytest.raises(Misconfigured, match=mend) as caught:
        gateway.check_credentials(at=AT)
    assert sub_code in str(caught.value)


def test_the_key_we_have_of_alipay_is_another(
    gateway: AlipayGateway, provider: Provider, foreign_key: RSA.RsaKey
) -> None:
    provider.refuses(QUERY, "ACQ.TRADE_NOT_EXIST")
    provider.key = foreign_key
    with translation.override("en"), pytest.raises(Misconfigured, match="ALIPAY_PUBLIC_KEY"):
        gateway.check_credentials(at=AT)


@pytest.mark.parametrize(
    ("code", "sub_code"),
    [
        ("20000", "isp.unknow-error"),
        ("40004", "ACQ.SYSTEM_ERROR"),
        ("40005", "isv.app-call-limited"),
    ],
)
def test_nobody_answers_clearly(
    gateway: AlipayGateway, provider: Provider, code: str, sub_code: str
) -> None:
    provider.refuses(QUERY, sub_code, code=code)
    with pytest.raises(Unknown):
        gateway.check_credentials(at=AT)


def test_an_unsigned_answer_proves_nothing(
    gateway: AlipayGateway, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.refuses(QUERY, "ACQ.TRADE_NOT_EXIST")
    signed = provider._signed
    monkeypatch.setattr(
        provider, "_signed", lambda method: signed(method).partition(',"sign"')[0] + "}"
    )
    with pytest.raises(Unknown):
        gateway.check_credentials(at=AT)
