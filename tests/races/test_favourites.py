from functools import partial

import pytest

from apps.users.models import Favourite, User
from tests.conftest import logged_in
from tests.factories import FavouriteFactory, SKUFactory
from tests.races.conftest import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def test_the_last_place_among_the_favourites_is_given_once(
    buyer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Favourite, "LIMIT", 5)
    FavouriteFactory.create_batch(3, user=buyer)
    client = logged_in(buyer)
    urls = [f"/api/v1/favourites/{sku.pk}/" for sku in SKUFactory.create_batch(8)]
    answers = together(*[partial(client.put, url) for url in urls])
    assert sorted(answer.status_code for answer in answers) == [201] * 2 + [409] * 6
    assert Favourite.objects.count() == 5


def test_the_same_favourite_eight_times_at_once_is_one(buyer: User) -> None:
    put = partial(logged_in(buyer).put, f"/api/v1/favourites/{SKUFactory().pk}/")
    codes = sorted(answer.status_code for answer in together(*[put] * 8))
    assert codes == [200] * 7 + [201]
    assert Favourite.objects.count() == 1
