from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from apps.search.gateways import engine
from apps.search.gateways.base import Document


@pytest.fixture
def index(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """The directory of an index of this test's own; there is none in it yet."""
    settings.SEARCH_DIR = tmp_path / "search"
    engine.cache_clear()
    yield settings.SEARCH_DIR
    engine.cache_clear()


def document(sku_id: int, name: str, **fields: Any) -> Document:
    """A document; ``categories`` are names, whose ids are made of their characters."""
    categories = fields.pop("categories", ("家居", "日用", "杂货"))
    return Document(
        **{
            "id": sku_id,
            "name": name,
            "caption": "",
            "goods": name,
            "brand_id": sum(map(ord, fields.get("brand", ""))),
            "brand": "",
            "category_ids": tuple(sum(map(ord, each)) for each in categories),
            "categories": categories,
            "specs": (),
            "price": Decimal("50.00"),
            "sales": 0,
            "create_time": datetime(2026, 1, 1, tzinfo=UTC),
            "in_stock": True,
            **fields,
        }
    )
