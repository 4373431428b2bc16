"""What becomes of a file that somebody uploads as a picture."""

import re
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from threading import Event

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageCms
from pytest_django import Settings
from rest_framework import serializers

from apps.core import pictures
from apps.core.fields import PictureUploadField
from apps.core.pictures import Picture, PictureField, PictureFormField, read, urls
from apps.goods.models import Brand

RED, BLUE = (220, 30, 40), (30, 60, 210)
ORIENTATION, TURN_RIGHT = 0x0112, 6


@pytest.fixture(autouse=True)
def storage(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def upload(
    kind: str = "JPEG", size: tuple[int, int] = (300, 200), mode: str = "RGB", **options: object
) -> ContentFile:
    file = BytesIO()
    Image.new(mode, size, RED if mode == "RGB" else 1).save(file, kind, **options)
    return ContentFile(file.getvalue(), name=f"a.{kind.lower()}")


def opened(picture: Picture) -> Image.Image:
    return Image.open(BytesIO(picture.read()))


def refusal(file: ContentFile) -> str:
    with pytest.raises(ValidationError) as caught:
        read(file)
    return str(caught.value.code)


def near(pixel: object, colour: tuple[int, ...]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) <= 6 for a, b in zip(pixel, colour, strict=True))


def png_header(width: int, height: int) -> bytes:
    """A PNG that says how large it is and ends there: 70 bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    ("kind", "extension"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"), ("GIF", "png")]
)
def test_four_formats_are_accepted(kind: str, extension: str) -> None:
    picture = read(upload(kind))

    assert re.fullmatch(rf"[0-9a-f]{{32}}\.300px\.{extension}", str(picture.name))
    image = opened(picture)
    assert (image.size, image.mode) == ((300, 200), "RGB")
    assert near(image.getpixel((150, 100)), RED)


def test_two_uploads_of_one_file_have_different_names() -> None:
    assert read(upload()).name != read(upload()).name


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_pixel_becomes_colours(mode: str) -> None:
    image = opened(read(upload("PNG", mode=mode)))
    assert image.mode == ("RGBA" if "A" in mode else "RGB")


def test_sixteen_bits_of_grey_are_not_burnt_out() -> None:
    file = BytesIO()
    Image.new("I;16", (10, 10), 0x8000).save(file, "PNG")
    assert opened(read(ContentFile(file.getvalue()))).getpixel((5, 5)) == (128, 128, 128)


def test_what_is_transparent_stays_so() -> None:
    file = BytesIO()
    Image.new("RGBA", (10, 10), (*RED, 0)).save(file, "GIF")
    assert opened(read(ContentFile(file.getvalue()))).getchannel("A").getextrema() == (0, 0)


def test_the_colours_of_a_printer_become_those_of_a_screen() -> None:
    file = BytesIO()
    Image.new("CMYK", (10, 10), (0, 255, 255, 0)).save(file, "JPEG")
    assert near(opened(read(ContentFile(file.getvalue()))).getpixel((5, 5)), (255, 0, 0))


def test_only_the_first_of_many_frames_is_taken() -> None:
    file = BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in (RED, BLUE)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    image = opened(read(ContentFile(file.getvalue())))
    assert getattr(image, "n_frames", 1) == 1
    assert near(image.getpixel((5, 5)), RED)


def test_a_photo_stands_upright_and_tells_nothing_of_where_it_was_taken() -> None:
    photo = Image.new("RGB", (300, 200), RED)
    photo.paste(BLUE, (0, 0, 150, 200))
    exif = Image.Exif()
    exif[ORIENTATION] = TURN_RIGHT
    exif[0x010F] = "SecretMaker"
    exif.get_ifd(0x8825)[1] = "N"
    file = BytesIO()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo.save(file, "JPEG", exif=exif, icc_profile=profile, comment=b"SecretComment")

    picture = read(ContentFile(file.getvalue()))

    image = opened(picture)
    assert image.size == (200, 300)
    assert near(image.getpixel((100, 75)), BLUE)
    assert near(image.getpixel((100, 225)), RED)
    assert not image.getexif()
    assert image.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density",
                                 "progressive", "progression"}  # fmt: skip
    content = picture.image.tobytes() + ContentFile(picture.file.getvalue()).read()
    assert b"Secret" not in content
    assert b"ICC_PROFILE" not in content


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_nor_do_other_formats(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretMaker"
    picture = read(upload(kind, exif=exif))
    assert b"SecretMaker" not in picture.file.getvalue()


def test_a_torn_exif_block_or_profile_makes_no_bad_picture() -> None:
    picture = read(upload(exif=b"Exif\x00\x00torn", icc_profile=b"torn"))
    assert near(opened(picture).getpixel((5, 5)), RED)


def test_a_giant_is_scaled_down() -> None:
    picture = read(upload("PNG", (6000, 3000)))
    assert opened(picture).size == (2400, 1200)
    assert str(picture.name).endswith(".2400px.png")


def test_a_line_of_pixels_has_sizes_too() -> None:
    picture = read(upload("PNG", (9000, 1)))
    assert opened(picture).size == (2400, 1)
    name = str(picture.name)
    pictures.make_sizes(name, picture.image, default_storage)
    assert pictures.missing_sides(name, default_storage) == []
    with default_storage.open(name.replace("2400px.png", "80px.webp")) as file:
        assert Image.open(file).size == (80, 1)


def whole(kind: str = "JPEG") -> bytes:
    return upload(kind, (400, 400)).read()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a<script>alert(1)</script>",
        b"%PDF-1.7",
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        whole()[:-60],
        whole("PNG")[:-40],
        whole("WEBP")[:-40],
        whole("GIF")[:60],
        png_header(0, 5),
        upload("BMP").read(),
        upload("TIFF").read(),
        upload("ICO").read(),
    ],
    ids=[
        "empty", "text", "svg", "html", "html behind a GIF's first bytes", "pdf", "riff",
        "half a JPEG", "half a PNG", "half a WebP", "half a GIF", "no width", "bmp", "tiff", "ico",
    ],
)  # fmt: skip
def test_what_is_no_whole_picture_is_refused(content: bytes) -> None:
    assert refusal(ContentFile(content, name="a.jpg")) == "no_picture"


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [7_100, 10_000, 60_000])
def test_a_bomb_is_refused_before_it_is_unpacked(side: int) -> None:
    assert refusal(ContentFile(png_header(side, side))) == "too_many_pixels"


def test_a_large_file_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    file = ContentFile(whole())
    monkeypatch.setattr(pictures, "MAX_BYTES", file.size)
    assert read(file)
    monkeypatch.setattr(pictures, "MAX_BYTES", file.size - 1)
    monkeypatch.setattr(Image, "open", lambda *args, **kwargs: pytest.fail("was read"))
    assert refusal(file) == "too_large"


def scans(number: int) -> ContentFile:
    """A progressive JPEG whose last scan is there so often."""
    whole = upload(progressive=True).read()
    *others, last = whole.removesuffix(b"\xff\xd9").split(b"\xff\xda")
    return ContentFile(b"\xff\xda".join([*others, *[last] * number]) + b"\xff\xd9", name="a.jpg")


def exif_blocks(number: int) -> ContentFile:
    """A JPEG whose EXIF data comes in so many pieces."""
    whole = upload().read()
    return ContentFile(whole[:2] + b"\xff\xe1\0\x09Exif\0\0a" * number + whole[2:], name="a.jpg")


@pytest.mark.parametrize("repeated", [scans, exif_blocks])
def test_a_jpeg_made_to_be_read_for_minutes_is_refused(
    repeated: Callable[[int], ContentFile],
) -> None:
    assert opened(read(repeated(10))).size == (300, 200)
    assert refusal(repeated(pictures.MAX_REPEATS + 1)) == "no_picture"


def test_one_picture_at_a_time_is_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    clean, begun, inside, most = pictures._clean, Event(), Counter[str](), []

    def counting(image: Image.Image) -> Image.Image:
        inside["now"] += 1
        most.append(inside["now"])
        if len(most) > 1:
            begun.set()
        begun.wait(0.2)  # for another to come in, which must not
        cleaned = clean(image)
        inside["now"] -= 1
        return cleaned

    monkeypatch.setattr(pictures, "_clean", counting)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(read, [upload(), upload()]))
    assert most == [1, 1]


def test_a_script_behind_the_pixels_is_gone() -> None:
    content = whole("PNG") + b"<script>alert(1)</script>"
    assert b"script" not in read(ContentFile(content, name="a.php")).file.getvalue()


def files(storage: Path) -> dict[str, tuple[int, int]]:
    """Every stored picture with its size."""
    found = {}
    for path in storage.rglob("*.*"):
        with Image.open(path) as image:
            found[path.relative_to(storage).as_posix()] = image.size
    return found


def test_a_picture_is_kept_with_its_sizes(storage: Path) -> None:
    brand = Brand()
    brand.logo.save("x.html", upload("PNG", (600, 300)), save=False)

    name = str(brand.logo)
    stem = name.removesuffix(".600px.png")
    assert re.fullmatch(r"brands/[0-9a-f]{32}", stem)
    assert files(storage) == {
        name: (600, 300),
        f"{stem}.80px.webp": (80, 40),
        f"{stem}.240px.webp": (240, 120),
        f"{stem}.480px.webp": (480, 240),
    }
    assert brand.logo.urls == {
        "80": f"http://testserver/media/{stem}.80px.webp",
        "240": f"http://testserver/media/{stem}.240px.webp",
        "480": f"http://testserver/media/{stem}.480px.webp",
        "800": f"http://testserver/media/{name}",
    }


def test_another_picture_in_its_place_leaves_the_first_one_alone(storage: Path) -> None:
    brand = Brand()
    brand.logo.save("a.png", upload(), save=False)
    before = files(storage)
    brand.logo.save("b.png", upload(), save=False)
    assert len(files(storage)) == 2 * len(before)
    assert before.items() < files(storage).items()


def test_what_is_no_picture_is_not_kept(storage: Path) -> None:
    with pytest.raises(ValidationError):
        Brand().logo.save("a.jpg", ContentFile(b"hello"), save=False)
    assert files(storage) == {}


def test_a_file_that_came_another_way_stands_in_for_its_sizes() -> None:
    assert urls("skus/a.png") == dict.fromkeys(
        ["80", "240", "480", "800"], "http://testserver/media/skus/a.png"
    )
    assert urls("") == {}
    assert Brand().logo.urls == {}


def test_a_picture_is_deleted_with_its_sizes_and_nothing_else(storage: Path) -> None:
    one, other = Brand(), Brand()
    one.logo.save("a.jpg", upload(), save=False)
    left = files(storage)
    other.logo.save("a.jpg", upload(), save=False)
    pictures.delete(str(other.logo), default_storage)
    assert files(storage) == left


def test_a_form_takes_any_name_and_refuses_in_words() -> None:
    field = PictureField(upload_to="x/", max_length=100).formfield()
    assert isinstance(field, PictureFormField)
    assert isinstance(field.clean(SimpleUploadedFile("图" * 200 + ".html", whole())), Picture)
    with pytest.raises(ValidationError, match="JPEG"):
        field.clean(SimpleUploadedFile("a.jpg", b"hello"))
    with pytest.raises(ValidationError):
        field.clean(None)


class GallerySerializer(serializers.Serializer):
    images = serializers.ListField(child=PictureUploadField(), max_length=2)


def test_a_serializer_refuses_by_field() -> None:
    good = SimpleUploadedFile("a.jpg", whole())
    serializer = GallerySerializer(data={"images": [good]})
    assert serializer.is_valid()
    assert isinstance(serializer.validated_data["images"][0], Picture)
    for bad in (SimpleUploadedFile("a.jpg", b"hello"), SimpleUploadedFile("a.jpg", b""), "a.jpg"):
        serializer = GallerySerializer(data={"images": [good, bad]})
        assert not serializer.is_valid()
        assert serializer.errors.keys() == {"images"}


def test_migrations_know_nothing_of_it() -> None:
    assert PictureField().deconstruct()[1] == "django.db.models.ImageField"
