"""What cannot be put into a cart is a 4xx that says why, and changes nothing."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from apps.goods.models import SKU
from tests.carts.conftest import CART, SELECTION
from tests.conftest import logged_in
from tests.core.refusals import invalid, redis_down, refused
from tests.factories import SKUFactory
from tests.world import unchanged

pytestmark = pytest.mark.django_db

NO_COUNTS = [0, -1, 201, 10**9, 2**70, "abc", "", None, [], [1], {}, True, 1.5, "1.5", "9" * 2000]
NO_TICKS = [None, "perhaps", 2, [], {}, 10**9]
NO_IDS = [0, -1, 2**63, 2**70, "abc", "", None, [], {}, True, 1.5, "\0"]


@pytest.fixture(params=["buyer", "visitor"])
def shop(request: pytest.FixtureRequest) -> APIClient:
    """Whoever has a cart: what is asked of one is asked of the other."""
    if request.param == "visitor":
        return APIClient(HTTP_AUTHORIZATION="JWT undefined")
    return logged_in(request.getfixturevalue("buyer"))


@pytest.fixture
def sku(fill: Callable) -> SKU:
    """A SKU of which two are in the cart."""
    return fill(2)[0]


@pytest.mark.parametrize("verb", ["post", "put"])
class TestPutting:
    def test_a_field_at_fault_is_named(
        self, verb: str, shop: APIClient, sku: SKU, subtests: pytest.Subtests
    ) -> None:
        line = {"sku_id": sku.pk, "count": 1, "selected": True}
        faults = {"sku_id": NO_IDS, "count": NO_COUNTS, "selected": NO_TICKS}
        with unchanged():
            for field, values in faults.items():
                for value in values:
                    with subtests.test(**{field: value}):
                        invalid(getattr(shop, verb)(CART, {**line, field: value}), field)

    @pytest.mark.parametrize("sku_id", [424242, 2**31, 2**63 - 1])
    def test_an_unknown_sku(self, verb: str, sku_id: int, shop: APIClient, sku: SKU) -> None:
        with unchanged():
            answer = getattr(shop, verb)(CART, {"sku_id": sku_id, "count": 1})
            assert refused(answer, status=400, code="unknown_sku")["sku_id"] == sku_id

    def test_a_withdrawn_sku(self, verb: str, shop: APIClient, sku: SKU) -> None:
        SKU.objects.update(is_launched=False)
        other = SKUFactory(is_launched=False)
        with unchanged():
            for withdrawn in (sku, other):
                answer = getattr(shop, verb)(CART, {"sku_id": withdrawn.pk, "count": 3})
                refused(answer, status=409, code="withdrawn")

    def test_nothing_at_all(self, verb: str, shop: APIClient, sku: SKU) -> None:
        with unchanged():
            invalid(getattr(shop, verb)(CART, {}), "sku_id", "count")
            empty = shop.generic(verb.upper(), CART, "", content_type="application/json")
            invalid(empty, "sku_id", "count")


class TestRemoving:
    def test_an_id_that_is_none(self, shop: APIClient, sku: SKU, subtests: pytest.Subtests) -> None:
        with unchanged():
            for sku_id in NO_IDS:
                with subtests.test(sku_id=sku_id):
                    invalid(shop.delete(CART, {"sku_id": sku_id}), "sku_id")

    def test_nothing_at_all(self, shop: APIClient, sku: SKU) -> None:
        with unchanged():
            invalid(shop.delete(CART), "sku_id")
            invalid(shop.delete(CART, {}), "sku_id")


def test_ticking_needs_yes_or_no(shop: APIClient, sku: SKU, subtests: pytest.Subtests) -> None:
    with unchanged():
        invalid(shop.put(SELECTION, {}), "selected")
        for selected in NO_TICKS:
            with subtests.test(selected=selected):
                invalid(shop.put(SELECTION, {"selected": selected}), "selected")
        for sku_id in NO_IDS:
            with subtests.test(sku_id=sku_id):
                answer = shop.put(SELECTION, {"selected": True, "sku_id": sku_id})
                invalid(answer, "sku_id")


@pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE"])
def test_what_is_no_object(verb: str, shop: APIClient, sku: SKU, subtests: pytest.Subtests) -> None:
    with unchanged():
        for body in ([], [1, 2], "text", 7, None):
            with subtests.test(body=body):
                answer = getattr(shop, verb.lower())(CART, body)
                refused(answer, status=400, code="invalid")
        for text in ("{", "sku_id=1&count=2", '{"sku_id": NaN, "count": 1}'):
            with subtests.test(text=text):
                answer = shop.generic(verb, CART, text, content_type="application/json")
                refused(answer, status=400, code="parse_error")


@pytest.mark.parametrize("field", ["sku_id", "count"])
def test_a_number_beyond_all_numbers(field: str, shop: APIClient, sku: SKU) -> None:
    other = {"sku_id": "count", "count": "sku_id"}[field]
    body = f'{{"{field}": 1e400, "{other}": 1}}'
    with unchanged():
        invalid(shop.generic("POST", CART, body, content_type="application/json"), field)


def test_a_form_is_not_understood(shop: APIClient, sku: SKU) -> None:
    with unchanged():
        answer = shop.post(CART, f"sku_id={sku.pk}&count=1", content_type="multipart/form-data")
        refused(answer, status=415, code="unsupported_media_type")


def test_without_redis_a_cart_says_when_to_come_again(shop: APIClient, sku: SKU) -> None:
    line = {"sku_id": sku.pk, "count": 1, "selected": True}
    with redis_down():
        answers = [
            shop.get(CART),
            shop.post(CART, line),
            shop.put(CART, line),
            shop.delete(CART, line),
            shop.put(SELECTION, line),
        ]
    for answer in answers:
        refused(answer, status=503, code="unavailable")
        assert answer["Retry-After"] == "2"
    assert shop.get(CART).json()[0]["count"] == 2
