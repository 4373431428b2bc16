"""Which switches there are to try, and by which ways to pay."""

from collections.abc import Sequence
from typing import Any

import pytest

from sandbox.faults import KINDS
from tests.payment.whole.market import WAYS, Way

Case = tuple[str, dict[str, Any]]


def ways_of(switch: str) -> list[Way]:
    return [way for way in WAYS if way.provider in KINDS[switch].providers]


def every_way(cases: Sequence[Case]) -> Any:
    """Parametrize a test over ``name``, ``scope`` and every ``way`` that the switch is for."""
    params = [
        pytest.param(name, scope, way, id="-".join([name, *map(str, scope.values()), str(way)]))
        for name, scope in cases
        for way in ways_of(name)
    ]
    return pytest.mark.parametrize(("name", "scope", "way"), params)
