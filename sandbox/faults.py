"""Switches that make a provider misbehave, kept in the ledger's database.

A switch covers one trade (``out_trade_no``), one provider, or everything; with ``action`` only calls of that
kind. With ``times`` it acts that often and stays listed, used up, until it is cleared. Whoever acts on one
``take``s it. What a switch holds up (a call, a notice, a refund) goes on when it is cleared.
"""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from sandbox.ledger.database import Database

PROVIDERS = ("alipay", "wechatpay")
# What a column of the database holds.
LARGEST = 2**63 - 1
# The kinds of calls, the same for every provider.
ACTIONS = (
    "order",
    "query",
    "close",
    "refund",
    "refund_query",
    "bill",
    "transfer",
    "transfer_query",
    "other",
)

# A subject that is legal, and that a reader of answers who counts braces stumbles over.
BRACES = '{"a}'


@dataclass(frozen=True)
class Kind:
    """``value`` says what the switch's number means, "" if it takes none; ``default`` is the number."""

    text: str
    value: str = ""
    default: float = 0
    providers: tuple[str, ...] = PROVIDERS


KINDS = {
    "drop_notice": Kind("丢弃通知：不发送，到下次重试"),
    "duplicate_notice": Kind("重复通知：同一通知连发多次", "次数", 2),
    "delay_notice": Kind("推迟通知：首次发送前等待", "秒", 60),
    "reorder_notices": Kind("颠倒通知：等到有两条再倒序发送"),
    "forge_notice": Kind("伪造通知：先发一条金额不同、签名不符的"),
    "signtest_notice": Kind("探测通知：签名故意有误，商户应拒绝", providers=("wechatpay",)),
    "certificate_notice": Kind("通知以平台证书而非公钥签名", providers=("wechatpay",)),
    "answer_500": Kind("应答 500，什么也没做"),
    "answer_500_after": Kind("做完之后应答 500"),
    "timeout": Kind("不应答，什么也没做", "秒", 30),
    "timeout_after": Kind("做完之后不应答", "秒", 30),
    "system_error": Kind("应答 SYSTEM_ERROR，什么也没做"),
    "system_error_after": Kind("做完之后应答 SYSTEM_ERROR"),
    "wrong_signature": Kind("应答的签名不符"),
    "braces_in_subject": Kind(f"应答与通知中的标题为 {BRACES}"),
    "refund_processing": Kind("退款（转账）停在处理中，直到关闭此开关"),
    "refund_closed": Kind("退款关闭", providers=("wechatpay",)),
    "refund_abnormal": Kind("退款异常", providers=("wechatpay",)),
    "no_balance": Kind("商户余额不足，退款和转账被拒"),
    "trade_finished": Kind("交易已结束，不可退款", providers=("alipay",)),
    "bill_not_ready": Kind("账单尚未生成"),
    "bill_early": Kind("当天的账单已可下载"),
    "bill_broken_hash": Kind("账单的哈希值不符", providers=("wechatpay",)),
    "bill_extra_row": Kind("账单多一行：一笔没有的付款", "分", 100),
    "bill_missing_row": Kind("账单少一行"),
    "bill_other_amount": Kind("账单一行的金额多出", "分", 1),
    "bill_other_fee": Kind("账单一行的手续费多出", "分", 1),
    "bill_duplicate_row": Kind("账单一行重复"),
}


@dataclass(frozen=True)
class Fault:
    """One switch; "" in a scope means any, and ``times`` None means until it is cleared."""

    id: int
    name: str
    provider: str
    out_trade_no: str
    action: str
    times: int | None
    value: float

    @classmethod
    def of(cls, row: sqlite3.Row) -> Fault:
        return cls(**{name: row[name] for name in row.keys()})  # noqa: SIM118  # iterating a Row gives values

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class BadFault(Exception):
    """No such switch; says why in one sentence."""


class Faults:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[int, list[threading.Event]] = {}
        self._is_closed = False
        self._lock = threading.Lock()

    def switch_on(self, wish: Mapping[str, object]) -> Fault:
        """Store a switch: ``name`` and, if wanted, ``provider``, ``out_trade_no``, ``action``, ``times``, ``value``.

        Raises BadFault.
        """
        values = _checked(wish)
        with self._database.transaction() as db:
            cursor = db.execute(
                "INSERT INTO faults (name, provider, out_trade_no, action, times, value)"
                " VALUES (:name, :provider, :out_trade_no, :action, :times, :value)",
                values,
            )
            row = db.execute("SELECT * FROM faults WHERE id = ?", (cursor.lastrowid,)).fetchone()
        return Fault.of(row)

    def listed(self) -> list[Fault]:
        """All of them, those that are used up too, oldest first."""
        with self._database.transaction() as db:
            return [Fault.of(row) for row in db.execute("SELECT * FROM faults ORDER BY id")]

    def clear(self, fault_id: int | None = None) -> bool:
        """Switch one off, or all; False if there is no such one. Calls that it holds up end."""
        with self._database.transaction() as db:
            if fault_id is None:
                db.execute("DELETE FROM faults")
            # As text, which SQLite compares all the same: no number is too large for it then.
            elif db.execute("DELETE FROM faults WHERE id = ?", (str(fault_id),)).rowcount != 1:
                return False
        with self._lock:
            for held_by, events in self._waiting.items():
                if fault_id in {None, held_by}:
                    for event in events:
                        event.set()
        return True

    def close(self) -> None:
        """End every call that a switch holds up, and hold up none any more."""
        with self._lock:
            self._is_closed = True
            for events in self._waiting.values():
                for event in events:
                    event.set()

    def take(
        self, name: str, provider: str, out_trade_no: str = "", action: str = ""
    ) -> Fault | None:
        """The switch of this name that covers the case, the narrowest first; counts down its ``times``."""
        with self._database.transaction() as db:
            row = db.execute(
                "SELECT * FROM faults WHERE name = ? AND provider IN ('', ?)"
                " AND out_trade_no IN ('', ?) AND action IN ('', ?) AND COALESCE(times, 1) > 0"
                " ORDER BY out_trade_no DESC, provider DESC, action DESC, id LIMIT 1",
                (name, provider, out_trade_no, action),
            ).fetchone()
            if row is None:
                return None
            fault = Fault.of(row)
            self.use(fault)
        return fault

    def use(self, fault: Fault) -> bool:
        """Count this very switch down; False if it is used up or gone."""
        with self._database.transaction() as db:
            used = db.execute(
                "UPDATE faults SET times = times - 1 WHERE id = ? AND COALESCE(times, 1) > 0",
                (fault.id,),
            )
        return used.rowcount == 1

    def is_on(self, name: str, provider: str, out_trade_no: str = "") -> bool:
        """Whether a switch of this name covers the case, used up or not."""
        with self._database.transaction() as db:
            row = db.execute(
                "SELECT 1 FROM faults WHERE name = ? AND provider IN ('', ?)"
                " AND out_trade_no IN ('', ?)",
                (name, provider, out_trade_no),
            ).fetchone()
        return row is not None

    # --- Calls of a gateway ---------------------------------------------------------------------
    def before(self, provider: str, out_trade_no: str, action: str) -> str:
        """What goes wrong with a call before anything is done: answer_500, timeout, system_error, or ""."""
        return self._trouble("", provider, out_trade_no, action)

    def after(self, provider: str, out_trade_no: str, action: str) -> str:
        """What goes wrong once the call's work is done; the same words as ``before``."""
        return self._trouble("_after", provider, out_trade_no, action)

    def _trouble(self, suffix: str, provider: str, out_trade_no: str, action: str) -> str:
        for name in ("answer_500", "timeout", "system_error"):
            if fault := self.take(name + suffix, provider, out_trade_no, action):
                if name == "timeout":
                    self._hold_up(fault)
                return name
        return ""

    def _hold_up(self, fault: Fault) -> None:
        """Wait as long as the switch says, or until it is cleared or the sandbox closes."""
        released = threading.Event()
        with self._lock:
            if self._is_closed:
                return
            self._waiting.setdefault(fault.id, []).append(released)
        # Looked at only now: one that is cleared after this sets the event.
        if self._is_listed(fault):
            released.wait(min(fault.value, threading.TIMEOUT_MAX))
        with self._lock:
            self._waiting[fault.id].remove(released)

    def _is_listed(self, fault: Fault) -> bool:
        with self._database.transaction() as db:
            found = db.execute("SELECT 1 FROM faults WHERE id = ?", (fault.id,)).fetchone()
        return found is not None


def _checked(wish: Mapping[str, object]) -> dict[str, object]:
    if unknown := set(wish) - {"name", "provider", "out_trade_no", "action", "times", "value"}:
        raise BadFault(f"没有这个参数：{'、'.join(sorted(unknown))}")
    name = wish.get("name")
    if not isinstance(name, str) or name not in KINDS:
        raise BadFault(f"没有这个开关：{name}")
    kind = KINDS[name]
    provider = wish.get("provider") or ""
    if provider not in ("", *kind.providers):
        raise BadFault(f"{name} 不适用于 {provider}")
    action = wish.get("action") or ""
    if action not in ("", *ACTIONS):
        raise BadFault(f"没有这种调用：{action}")
    out_trade_no = wish.get("out_trade_no") or ""
    if not isinstance(out_trade_no, str) or not out_trade_no.isprintable():
        raise BadFault("out_trade_no 应为字符串")
    times, value = wish.get("times"), wish.get("value")
    if times is not None and not _is_count(times):
        raise BadFault("times 应为正整数")
    return {
        "name": name,
        "provider": provider,
        "out_trade_no": out_trade_no,
        "action": action,
        "times": times,
        "value": kind.default if value is None else _number(value),
    }


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= LARGEST


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LARGEST:
        raise BadFault("value 应为不小于 0 的数")
    return value
