"""A notice whose signature is right, opened and read. Raises MalformedNotice."""

import logging
from typing import Any

from apps.payment.exceptions import MalformedNotice
from apps.payment.gateways.interface import Told
from apps.payment.gateways.wechatpay import signing
from apps.payment.gateways.wechatpay.statements import payment_told, refund_told
from apps.payment.gateways.wechatpay.values import nested, object_in, text

logger = logging.getLogger(__name__)


def read_notice(body: bytes, *, apiv3_key: bytes) -> Told:
    envelope = object_in(body, "body")
    event_id, event_type = text(envelope, "id"), text(envelope, "event_type")
    fields = _opened(envelope, apiv3_key)
    payload = {"id": event_id, "event_type": event_type, "resource": fields}
    if event_type.startswith("TRANSACTION."):
        return payment_told(fields, kind="notice", event_id=event_id, payload=payload)
    if event_type.startswith("REFUND."):
        return refund_told(
            fields,
            status_name="refund_status",
            kind="notice",
            event_id=event_id,
            payload=payload,
            account=text(fields, "mchid"),
        )
    raise MalformedNotice(field="event_type")


def _opened(envelope: dict[str, Any], apiv3_key: bytes) -> dict[str, Any]:
    resource = nested(envelope, "resource")
    if text(resource, "algorithm") != signing.CIPHER:
        raise MalformedNotice(field="algorithm")
    try:
        content = signing.unseal(
            ciphertext=text(resource, "ciphertext"),
            nonce=text(resource, "nonce"),
            associated_data=str(resource.get("associated_data") or ""),
            key=apiv3_key,
        )
    except ValueError as exc:
        # Signed by WeChat Pay and yet not to be opened: that is our fault, and refunds and payments wait for it.
        logger.error("A notice of WeChat Pay does not open: is WECHATPAY_APIV3_KEY the console's?")
        raise MalformedNotice(field="resource") from exc
    return object_in(content, "resource")
