"""An answer of Alipay's: its node cut out, its signature, and what its code means. Pure."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from apps.payment.exceptions import Misconfigured, Rejected, Unknown
from apps.payment.gateways import rsa

OK = "10000"
BUSINESS_FAILURE = "40004"
TOO_OFTEN = "40005"
# Missing or bad parameters, signature, permissions: nothing that another try could mend.
MISCONFIGURED = {"20001", "40001", "40002", "40003", "40006"}
# Nobody knows whether it happened; ACQ.SYSTEM_ERROR has been seen misspelt AQC.
UNCLEAR = ("SYSTEM_ERROR", "UNKNOWN_ERROR")
# The very same request is granted once there is money, or less haste.
TEMPORARY = {
    "SELLER_BALANCE_NOT_ENOUGH",
    "PAYER_BALANCE_NOT_ENOUGH",
    "REFUND_CHARGE_ERROR",
    "SYSTEM_RATE_LIMIT",
    "USER_RATE_LIMIT",
}

# Paid, closed, opened with other terms; or its code was given once, and that answer was lost on the way.
NUMBER_SPENT = {
    "TRADE_HAS_SUCCESS",
    "TRADE_HAS_CLOSE",
    "CONTEXT_INCONSISTENT",
    "APPLY_PC_MERCHANT_CODE_ERROR",
}


@dataclass(frozen=True)
class Answer:
    """``raw`` is the node as it was received, which is what the signature covers."""

    name: str
    node: dict[str, Any]
    raw: str
    sign: str
    cert_sn: str

    @property
    def code(self) -> str:
        return str(self.node.get("code", ""))

    @property
    def sub_code(self) -> str:
        return str(self.node.get("sub_code", ""))

    def __str__(self) -> str:
        return f"{self.code} {self.sub_code}: {self.node.get('sub_msg')}"

    def is_signed_by(self, *keys: RSAPublicKey) -> bool:
        # Alipay has been seen to send \/ where it signed /.
        readings = (self.raw, self.raw.replace("\\/", "/"))
        return any(rsa.is_signed(each.encode(), self.sign, keys) for each in readings)


def cut_out(text: str, name: str) -> Answer:
    """The named node, or ``error_response``; cut out and not rebuilt. Raises Unknown, ValueError."""
    answer = json.loads(text)
    found = re.search(rf'"({name}|error_response)"\s*:\s*', text)
    if not isinstance(answer, dict) or found is None:
        raise Unknown(f"No {name} in the answer")
    node, end = json.JSONDecoder().raw_decode(text, found.end())
    if not isinstance(node, dict):
        raise Unknown(f"{name} is not an object")
    return Answer(
        name=name,
        node=node,
        raw=text[found.end() : end],
        sign=str(answer.get("sign") or ""),
        cert_sn=str(answer.get("alipay_cert_sn") or ""),
    )


def bare(sub_code: str) -> str:
    """Without the prefix, which Alipay leaves out at times; and some are written small."""
    return sub_code.rpartition(".")[2].upper()


def refuse_misconfigured(answer: Answer) -> None:
    """Raise Misconfigured. Such an answer may be unsigned: it is given before anything else is looked at."""
    if answer.code in MISCONFIGURED:
        raise Misconfigured(str(answer))


def refuse(answer: Answer) -> None:
    """Raise Rejected or Unknown if a genuine answer says anything but yes."""
    sub_code = bare(answer.sub_code)
    is_clear = not sub_code.endswith(UNCLEAR)
    if answer.code == TOO_OFTEN or (answer.code == BUSINESS_FAILURE and is_clear):
        raise Rejected(
            answer.code,
            answer.sub_code,
            str(answer.node.get("sub_msg", "")),
            is_temporary=answer.code == TOO_OFTEN or sub_code in TEMPORARY,
            is_number_spent=sub_code in NUMBER_SPENT,
        )
    if answer.code != OK:
        raise Unknown(str(answer))


def told_about(asked: Iterable[tuple[str, str]], node: dict[str, Any]) -> None:
    """Raise Unknown if the answer speaks of something else than the question did."""
    for name, number in asked:
        if node.get(name) != number:
            raise Unknown(f"Asked about {number}, told about {node.get(name)}")
