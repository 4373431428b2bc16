"""What stands on the demo shop's home page."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from apps.contents.models import Content, ContentCategory
from apps.demo import catalogue, images
from apps.demo.catalogue import Floor, Poster, Product
from apps.demo.drawing import banners
from apps.demo.rows import Rows, times
from apps.demo.shop import Offer, Shelves
from apps.goods.models import SKU


class HomePage:
    """Fills the places that there are: an operator may have removed some."""

    def __init__(
        self, rows: Rows, offers: Mapping[str, list[Offer]], shelves: Shelves, at: datetime
    ) -> None:
        """``offers`` are all that the shop has, by their product's key."""
        self._rows, self._offers, self._shelves, self._at = rows, offers, shelves, at
        self._places = dict(ContentCategory.objects.values_list("key", "pk"))
        self._sequence = 0

    def fill(self) -> None:
        page = catalogue.home_page()
        for banner in page.banners:
            self._add_poster("index_lbt", banner, banners.BANNER)
        self._add_poster("index_ytgg", page.strip, banners.STRIP)
        for title in page.news:
            self._add("index_kx", title=title)
        next_week = self._at + timedelta(days=7)
        self._add("index_kx", title=page.coming_news, start_time=next_week)
        for floor in page.floors:
            self._add_floor(f"index_{floor.number}f", floor)

    def _add_floor(self, key: str, floor: Floor) -> None:
        self._add_poster(f"{key}_logo", floor.poster, banners.FLOOR)
        for place, names in ((f"{key}_pd", floor.channels), (f"{key}_bq", floor.labels)):
            for name in names:
                self._add(place, title=name, url=f"/list.html?cat={self._shelves.category[name]}")
        for shelf, products in floor.shelves.items():
            for product in products:
                sku = self._sku(product)
                self._add(
                    f"{key}_{shelf}",
                    title=product.name,
                    text=f"¥{sku.price}",
                    url=_page_of(sku),
                    image=sku.default_image.name,
                )

    def _add_poster(self, key: str, poster: Poster, size: tuple[int, int]) -> None:
        self._add(
            key,
            title=poster.title,
            text=poster.text,
            url=_page_of(self._sku(poster.product)),
            image=images.poster(poster, size),
        )

    def _sku(self, product: Product) -> SKU:
        """The one that a content about this product leads to."""
        return next(offer.sku for offer in self._offers[product.key] if offer.sku.is_launched)

    def _add(self, key: str, **columns: Any) -> None:
        if key in self._places:
            self._sequence += 10
            place = {"category_id": self._places[key], "sequence": self._sequence}
            self._rows.add(Content(**place, **columns, **times(self._at)))


def _page_of(sku: SKU) -> str:
    return f"/goods/{sku.pk}.html"
