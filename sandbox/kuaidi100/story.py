"""What happens to a parcel. How its number ends says what goes wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

# From the first scan to the last.
STORY = timedelta(minutes=4)


@dataclass(frozen=True)
class Scene:
    """``share`` of the whole story has gone by when it happens; ``state`` is 快递100's word."""

    share: float
    state: str
    text: str


BEGINNING = (
    Scene(0, "1", "【深圳市】快件已由 南山营业部 揽收"),
    Scene(0.25, "0", "【深圳市】快件离开 深圳转运中心，发往 北京转运中心"),
    Scene(0.5, "0", "【北京市】快件到达 北京转运中心"),
)
DELIVERED = (
    *BEGINNING,
    Scene(0.75, "5", "【北京市】快递员正在派送，请保持电话畅通"),
    Scene(1, "3", "【北京市】已签收，签收人：本人"),
)
TROUBLED = (*BEGINNING, Scene(0.75, "2", "【北京市】收件人电话无法接通，快件滞留"))
RETURNED = (
    *BEGINNING,
    Scene(0.75, "6", "【北京市】收件人拒收，快件退回中"),
    Scene(1, "4", "【深圳市】退回件已由寄件人签收"),
)
ENDINGS = {"-TROUBLE": TROUBLED, "-RETURN": RETURNED}


def so_far(number: str, *, began: datetime, now: datetime) -> list[tuple[datetime, Scene]]:
    """What has happened by now, newest first; at least that it was collected."""
    scenes = next((ENDINGS[end] for end in ENDINGS if number.endswith(end)), DELIVERED)
    happened = [(began + STORY * scene.share, scene) for scene in scenes]
    return [(at, scene) for at, scene in reversed(happened) if at <= max(now, began)]
