"""What can be seen to be wrong with the payment settings without calling anybody.

docs/payments.md lists the numbers. What only the provider can tell, `manage.py check_payments` asks.
"""

from apps.payment.checks.alipay import check_alipay, check_alipay_deployment
from apps.payment.checks.minutes import check_minutes
from apps.payment.checks.names import check_shop_name
from apps.payment.checks.providers import check_providers
from apps.payment.checks.wechatpay import check_wechatpay, check_wechatpay_deployment

__all__ = [
    "check_alipay",
    "check_alipay_deployment",
    "check_minutes",
    "check_providers",
    "check_shop_name",
    "check_wechatpay",
    "check_wechatpay_deployment",
]
