"""The payment providers. Keys are parsed once per process, here."""

from functools import cache

from django.conf import settings

from apps.payment.gateways.alipay import AlipayGateway


@cache
def alipay() -> AlipayGateway:
    return AlipayGateway.from_settings(settings.ALIPAY)
