"""The contract's table of endpoints, one or more rows for each of its lines, and how a row is tried."""

import re
from dataclasses import dataclass
from typing import Any

from rest_framework.test import APIClient

from tests.contract.shapes import faults
from tests.contract.world import World

NAME = re.compile(r"{(\w+)}")


@dataclass(frozen=True)
class Row:
    """What is sent and what comes back. ``{name}`` stands for what the world has by this name.

    ``given`` names what has to be there although the request does not speak of it. ``who``: "nobody" sends no token,
    "undefined" the one that visitors' storefronts send, "buyer" a good one.
    """

    line: int
    method: str
    path: str
    status: int
    shape: Any
    body: Any = None
    who: str = "nobody"
    given: str = ""

    def __str__(self) -> str:
        return f"{self.line} {self.method} {self.path.partition('?')[0]} by {self.who}"

    def ask(self, world: World) -> Any:
        """Send it as the storefronts do: JSON, all paths ending with a slash."""
        if self.given:
            assert world[self.given]
        tokens = {"undefined": "JWT undefined", "buyer": f"JWT {world.token}"}
        headers = {"Authorization": tokens[self.who]} if self.who in tokens else {}
        path = NAME.sub(lambda name: str(world[name[1]]), self.path)
        client: APIClient = world.browser
        return client.generic(
            self.method,
            f"/api/v1{path}",
            "" if self.body is None else client._encode_data(_filled(self.body, world))[0],
            content_type="application/json;charset=utf-8",
            headers=headers,
        )

    def check(self, world: World) -> Any:
        """Ask, and assert status and shape; the answer."""
        answer = self.ask(world)
        assert answer.status_code == self.status, answer.content
        if self.shape is not None:
            assert answer["Content-Type"] == "application/json"
            assert faults(answer.json(), self.shape) == []
        return answer


def _filled(body: Any, world: World) -> Any:
    if isinstance(body, dict):
        return {key: _filled(value, world) for key, value in body.items()}
    whole = NAME.fullmatch(body) if isinstance(body, str) else None
    return world[whole[1]] if whole else body
