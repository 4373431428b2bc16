"""The ways the provider says no: a gateway code, a sub_code, and a sentence in Chinese."""

MESSAGES = {
    "40001": "Missing Required Arguments",
    "40002": "Invalid Arguments",
    "40004": "Business Failed",
}


class Refusal(Exception):
    code = "40004"

    def __init__(self, sub_code: str, sub_msg: str) -> None:
        super().__init__(sub_code, sub_msg)
        self.sub_code = sub_code
        self.sub_msg = sub_msg

    def fields(self) -> dict[str, object]:
        """The response node that says so."""
        return {
            "code": self.code,
            "msg": MESSAGES[self.code],
            "sub_code": self.sub_code,
            "sub_msg": self.sub_msg,
        }


class MissingArgument(Refusal):
    code = "40001"


class InvalidArgument(Refusal):
    code = "40002"


class InvalidParameter(Refusal):
    """Something in ``biz_content`` breaks a rule."""

    def __init__(self, what: str) -> None:
        super().__init__("ACQ.INVALID_PARAMETER", f"参数无效：{what}")


class TradeNotExist(Refusal):
    """Nobody opened its cashier page yet, or the number is wrong; Alipay does not tell which."""

    def __init__(self) -> None:
        super().__init__("ACQ.TRADE_NOT_EXIST", "交易不存在")


class SystemFailure(Refusal):
    """Says nothing about whether the request was carried out; each family of methods has its own word."""

    def __init__(self, action: str) -> None:
        words = {
            "bill": "UNKNOWN_ERROR",
            "transfer": "SYSTEM_ERROR",
            "transfer_query": "SYSTEM_ERROR",
        }
        super().__init__(words.get(action, "ACQ.SYSTEM_ERROR"), "接口返回错误，请稍后重试")
