"""The pictures of the demo shop: drawn once, kept in the media storage."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from io import BytesIO
from zlib import crc32

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from apps.core import pictures
from apps.demo import catalogue
from apps.demo.catalogue import Floor, Poster, Product
from apps.demo.drawing import banners, cards
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
    return pictures.kept_name(f"brands/demo/{brand.latin.lower()}", cards.WORDMARK_SIZE[0], "jpg")


def poster(of: Poster, size: tuple[int, int]) -> str:
    return pictures.kept_name(f"contents/demo/{of.key}", max(size), "jpg")


def draw_missing() -> int:
    """Draw and store every picture that is not stored yet; tell how many that were."""
    jobs = [_pictures(product) for product in catalogue.products()]
    brands = catalogue.brands().values()
    jobs.append({logo(brand): partial(cards.wordmark, brand.latin) for brand in brands})
    jobs.append(_posters(catalogue.home_page()))
    # Pillow lets go of the interpreter while it fills, scales and encodes.
    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(_store_missing, jobs))


def _store_missing(painters: Mapping[str, Painter]) -> int:
    missing = [name for name in painters if not default_storage.exists(name)]
    for name in missing:
        image, file = painters[name](), BytesIO()
        # The picture last: where it is, its sizes are.
        pictures.make_sizes(name, image, default_storage)
        image.save(file, "JPEG", quality=JPEG_QUALITY, optimize=True)
        default_storage.save(name, ContentFile(file.getvalue()))
    return len(missing)


def _posters(page: catalogue.HomePage) -> dict[str, Painter]:
    def things(of: Poster) -> list[banners.Drawn]:
        return [(product.kind, _drawing(product, tint)) for product, tint in of.things]

    def banner(of: Poster) -> Image.Image:
        return banners.banner(things(of), cards.GROUNDS[of.ground], of.product.brand.latin)

    def strip(of: Poster) -> Image.Image:
        return banners.strip(things(of), cards.LOGO_INKS[of.ground], of.product.brand.latin)

    def floor(of: Floor) -> Image.Image:
        return banners.floor(things(of.poster), cards.GROUNDS[of.poster.ground], of.number)

    return {
        **{poster(each, banners.BANNER): partial(banner, each) for each in page.banners},
        poster(page.strip, banners.STRIP): partial(strip, page.strip),
        **{poster(each.poster, banners.FLOOR): partial(floor, each) for each in page.floors},
    }


def _drawing(product: Product, tint: str) -> Image.Image:
    look = Look(from_hex(tint), from_hex(product.accent), product.brand.latin, product.look)
    return cards.draw(product.kind, look)


def _pictures(product: Product) -> dict[str, Painter]:
    """How to paint each picture of a product, by its name."""
    kind, brand = product.kind, product.brand.latin
    ground = cards.GROUNDS[crc32(product.key.encode()) % len(cards.GROUNDS)]

    drawing = cache(partial(_drawing, product))

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
    return pictures.kept_name(f"skus/demo/{product.key}-{view}", cards.SAVED_SIDE, "jpg")
