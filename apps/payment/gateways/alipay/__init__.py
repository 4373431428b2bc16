from apps.payment.gateways.alipay.gateway import AlipayGateway

__all__ = ["AlipayGateway"]
