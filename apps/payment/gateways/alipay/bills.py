"""Fetching a day's bill."""

import hashlib
from datetime import date, datetime

from apps.payment.exceptions import BillNotReady, Rejected, Unknown
from apps.payment.gateways.alipay.answers import bare
from apps.payment.gateways.alipay.bill_file import lines_in
from apps.payment.gateways.alipay.line import Line
from apps.payment.gateways.interface import Bill

NOTHING_HAPPENED = Bill(lines=(), digest=hashlib.sha256(b"").hexdigest())


def bill(line: Line, day: date, *, at: datetime) -> Bill:
    """The rows of one day in Beijing; ready from nine in the next morning. Raises BillNotReady, GatewayError."""
    content = {"bill_type": "trade", "bill_date": day.isoformat()}
    try:
        node = line.call("alipay.data.dataservice.bill.downloadurl.query", content, at)
    except Rejected as refusal:
        if bare(refusal.sub_code) == "NO_BILL_DATA":
            return NOTHING_HAPPENED
        if bare(refusal.sub_code) == "BILL_NOT_EXIST":
            raise BillNotReady(str(refusal)) from refusal
        if refusal.is_temporary:
            raise Unknown(str(refusal)) from refusal
        raise
    if node.get("bill_file_code") == "EMPTY_DATA_WITH_BILL_FILE":
        return NOTHING_HAPPENED
    if not node.get("bill_download_url"):
        raise Unknown(f"No address of the bill of {day}")
    # The address is good for half a minute: at once, and never kept.
    download = line.client.request("GET", str(node["bill_download_url"]))
    if download.status != 200:
        raise Unknown(f"The bill of {day}: HTTP {download.status}")
    digest = hashlib.sha256(download.body).hexdigest()
    return Bill(lines=lines_in(download.body), digest=digest)
