"""The door of the real-time query: ``customer``, ``param`` and ``sign`` in a form, JSON back."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import md5
from hmac import compare_digest
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.clock import BEIJING, beijing_text
from sandbox.kuaidi100.story import so_far
from sandbox.provider import provider

# The one account that it knows.
CUSTOMER = KEY = "sandbox"
LENGTHS = range(6, 33)
MOST_PARCELS = 10_000

# What a number ends in, and the refusal that it gets.
REFUSED = {
    "-UNKNOWN": ("500", "查询无结果，请隔段时间再查"),
    "-BUSY": ("502", "服务器繁忙"),
    "-UNPAID": ("601", "key已过期"),
}

kuaidi100 = Blueprint("kuaidi100", __name__)


@kuaidi100.post("/poll/query.do")
def query() -> Response:
    form = request.form
    signed = f"{form.get('param', '')}{KEY}{form.get('customer', '')}".encode()
    right = md5(signed, usedforsecurity=False).hexdigest().upper()
    if form.get("customer") != CUSTOMER or not compare_digest(
        form.get("sign", "").encode(), right.encode()
    ):
        return _refuse("503", "验证签名失败")
    asked = _asked(form.get("param", ""))
    company, number = asked.get("com"), asked.get("num")
    if not (isinstance(company, str) and company.isascii() and company.islower()):
        return _refuse("400", "找不到对应公司")
    if not isinstance(number, str) or len(number) not in LENGTHS:
        return _refuse("400", "提交的数据不完整")
    if number.endswith("-HTML"):
        return Response("<html><body>502 Bad Gateway</body></html>", content_type="text/html")
    for end, refusal in REFUSED.items():
        if number.endswith(end):
            return _refuse(*refusal)
    return _tell(company, number)


def _tell(company: str, number: str) -> Response:
    now = provider().ledger.now()
    told = so_far(number, began=_began(company, number, now), now=now)
    return jsonify(
        message="ok",
        nu=number,
        ischeck="1" if told[0][1].state == "3" else "0",
        com=company,
        status="200",
        state=told[0][1].state,
        condition="00",
        data=[
            {"time": beijing_text(at), "ftime": beijing_text(at), "context": scene.text}
            for at, scene in told
        ],
    )


def _began(company: str, number: str, now: datetime) -> datetime:
    """When this parcel was first asked after; the oldest of very many are forgotten."""
    moment = int(now.timestamp())
    with provider().ledger.database.transaction() as db:
        db.execute(
            "INSERT OR IGNORE INTO parcels (company, number, began_at) VALUES (?, ?, ?)",
            (company, number, moment),
        )
        db.execute(
            "DELETE FROM parcels WHERE id <= (SELECT MAX(id) FROM parcels) - ?", (MOST_PARCELS,)
        )
        row = db.execute(
            "SELECT began_at FROM parcels WHERE company = ? AND number = ?", (company, number)
        ).fetchone()
    return datetime.fromtimestamp(row[0], BEIJING)


def _asked(param: str) -> dict[str, Any]:
    try:
        asked = json.loads(param)
    except (ValueError, RecursionError):
        return {}
    return asked if isinstance(asked, dict) else {}


def _refuse(code: str, message: str) -> Response:
    return jsonify(result=False, returnCode=code, message=message)
