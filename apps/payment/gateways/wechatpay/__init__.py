from apps.payment.gateways.wechatpay.gateway import WechatPayGateway

__all__ = ["WechatPayGateway"]
