from typing import Any

import pytest

from tests.factories import AreaFactory


@pytest.fixture
def areas(db: None) -> None:
    beijing = AreaFactory(id=110000, name="北京市")
    AreaFactory(
        id=110101, name="东城区", parent=AreaFactory(id=110100, name="市辖区", parent=beijing)
    )
    south = AreaFactory(id=440000, name="广东省")
    shenzhen = AreaFactory(id=440300, name="深圳市", parent=south)
    AreaFactory(id=440305, name="南山区", parent=shenzhen)


@pytest.fixture
def body(areas: None) -> dict[str, Any]:
    """What the storefront sends."""
    return {
        "receiver": "王小美",
        "province_id": 440000,
        "city_id": 440300,
        "district_id": 440305,
        "place": "科技路1号",
        "mobile": "13900000000",
        "tel": "",
        "email": "",
        "title": "家",
    }
