"""The pictures of the demo shop: drawn once, kept in the media storage."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from io import BytesIO
from zlib import crc32

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from apps.demo import catalogue
from apps.demo.catalogue import Product
from apps.demo.drawing import cards
from apps.demo.drawing.colours import from_hex
from apps.demo.drawing.sketch import Look

THREADS = 2
JPEG_QUALITY = 82

Painter = Callable[[], Image.Image]


def gallery(product: Product, tint: str) -> list[str]:
    """Storage names of a SKU's pictures, the main one first: itself, closer, and all colours."""
    number = product.tints.index(tint)
    names = [_name(product, str(number)), _name(product, f"{number}-near")]
    if len(product.tints) > 1:
        names.append(_name(product, "all"))
    return names


def logo(brand: catalogue.Brand) -> str:
    return f"brands/demo/{brand.latin.lower()}.jpg"


def draw_missing(products: Iterable[Product], brands: Iterable[catalogue.Brand]) -> int:
    """Draw and store every picture that is not stored yet; tell how many that were."""
    jobs = [_pictures(product) for product in products]
    jobs.append({logo(brand): partial(cards.wordmark, brand.latin) for brand in brands})
    # Pillow lets go of the interpreter while it fills, scales and encodes.
    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(_store_missing, jobs))


def _store_missing(pictures: Mapping[str, Painter]) -> int:
    missing = [name for name in pictures if not default_storage.exists(name)]
    for name in missing:
        file = BytesIO()
        pictures[name]().save(file, "JPEG", quality=JPEG_QUALITY, optimize=True)
        default_storage.save(name, ContentFile(file.getvalue()))
    return len(missing)


def _pictures(product: Product) -> dict[str, Painter]:
    """How to paint each picture of a product, by its name."""
    kind, brand, accent = product.kind, product.brand.latin, from_hex(product.accent)
    ground = cards.GROUNDS[crc32(product.key.encode()) % len(cards.GROUNDS)]

    @cache
    def drawing(tint: str) -> Image.Image:
        return cards.draw(kind, Look(from_hex(tint), accent, brand, product.look))

    def card(tint: str) -> Image.Image:
        return cards.card(kind, drawing(tint), ground, brand)

    def close_up(tint: str) -> Image.Image:
        return cards.close_up(kind, drawing(tint), from_hex(tint))

    def line_up() -> Image.Image:
        return cards.line_up(kind, [drawing(tint) for tint in product.tints], ground, brand)

    painters: dict[str, Painter] = {}
    for number, tint in enumerate(product.tints):
        painters[_name(product, str(number))] = partial(card, tint)
        painters[_name(product, f"{number}-near")] = partial(close_up, tint)
    if len(product.tints) > 1:
        painters[_name(product, "all")] = line_up
    return painters


def _name(product: Product, view: str) -> str:
    return f"skus/demo/{product.key}-{view}.jpg"
