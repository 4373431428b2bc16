"""The ways WeChat Pay says no: an HTTP status, a code, and a sentence in Chinese."""

from __future__ import annotations


class Refusal(Exception):
    """Answered unsigned, as WeChat Pay answers every 4xx and 5xx."""

    status = 400

    def __init__(self, code: str, message: str, *, status: int | None = None) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        if status is not None:
            self.status = status

    def fields(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message}


class SignError(Refusal):
    """Always 401 and one code: only the message tells the causes apart."""

    status = 401

    def __init__(self, message: str) -> None:
        super().__init__("SIGN_ERROR", message)


class InvalidRequest(Refusal):
    def __init__(self, message: str) -> None:
        super().__init__("INVALID_REQUEST", message)


class ParamError(Refusal):
    """Something in the path, the query or the body breaks a rule."""

    def __init__(self, what: str) -> None:
        super().__init__("PARAM_ERROR", f"参数错误：{what}")


class OrderNotExist(Refusal):
    status = 404

    def __init__(self) -> None:
        super().__init__("ORDER_NOT_EXIST", "订单不存在")


class ResourceNotExists(Refusal):
    status = 404

    def __init__(self, what: str) -> None:
        super().__init__("RESOURCE_NOT_EXISTS", what)


class OrderPaid(Refusal):
    def __init__(self) -> None:
        super().__init__("ORDERPAID", "该订单已支付")


class OrderClosed(Refusal):
    def __init__(self) -> None:
        super().__init__("ORDER_CLOSED", "该订单已关闭，请用新的商户订单号重新下单")


class OutTradeNoUsed(Refusal):
    status = 403

    def __init__(self) -> None:
        super().__init__("OUT_TRADE_NO_USED", "商户订单号重复：同一订单号的参数与第一次下单不一致")


class RefundFeeMismatch(Refusal):
    def __init__(self) -> None:
        super().__init__("REFUND_FEE_MISMATCH", "订单金额或退款金额与之前的请求不一致")


class TradeError(Refusal):
    status = 403

    def __init__(self) -> None:
        super().__init__("TRADE_ERROR", "订单状态不允许退款")


class NotEnough(Refusal):
    status = 403

    def __init__(self) -> None:
        super().__init__("NOT_ENOUGH", "商户余额不足，充值后以原退款单号重试")


class SystemFailure(Refusal):
    """Whether anything was done is unknown to the merchant."""

    status = 500

    def __init__(self) -> None:
        super().__init__("SYSTEM_ERROR", "系统异常，请以相同参数重试")


class Unavailable(Refusal):
    status = 503

    def __init__(self, message: str) -> None:
        super().__init__("SERVICE_UNAVAILABLE", message)
