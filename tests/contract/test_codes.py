"""Lines 1 to 3: codes."""

import pytest

from tests.contract.table import Row
from tests.contract.world import World

OK = {"message": "OK"}
ROWS = [
    Row(1, "GET", "/image_codes/0b5b25a8-7a25-4d0a-a5b1-3c1f7d6f2a11/", 200, None),
    Row(2, "GET", "/sms_codes/{new_mobile}/?text={text}&image_code_id={picture}", 200, OK),
    Row(3, "GET", "/sms_codes/?access_token={reset_ticket}", 200, OK),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_row(row: Row, world: World) -> None:
    answer = row.check(world)
    if row.line == 1:
        assert answer["Content-Type"] in {"image/png", "image/jpeg"}
        assert answer.content[:4] in {b"\x89PNG", b"\xff\xd8\xff\xe0"}
