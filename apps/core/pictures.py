"""Pictures that people upload: what is accepted, how it is kept, and its smaller sizes.

Whatever is uploaded is decoded and encoded anew, so what we serve was written by us: no script, no position, no other
people's profile in it. A kept picture's name is ``<folder>/<random>.<longest side>px.<jpg|png|webp>``; its sizes stand
beside it as ``<random>.<side>px.webp`` and are there before the name is known to anybody. So the name alone tells which
sizes there are, and a list of pictures asks neither database nor storage. A file with any other name has no sizes.

Nothing is deleted when another picture takes its place: orders show a SKU's picture as it was when it was sold.
"""

import re
import secrets
import threading
from collections.abc import Collection, Iterator
from contextlib import suppress
from io import BytesIO
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, default_storage
from django.db import models
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms, ImageOps

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 50_000_000
"""A phone's largest; decoded and made smaller, it takes up to 1 GB for a moment."""
MAX_REPEATS = 300
"""Of a marker in a JPEG: cameras write a dozen, and chance some 150 into 10 MB of video behind a moving photo."""
LARGEST_SIDE = 2400
SIDES = (80, 240, 480, 800)
"""Longest sides of the smaller sizes. After adding one run ``manage.py make_pictures``."""

JPEG_QUALITY = 88
WEBP_QUALITY = 80
EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
READABLE = (*EXTENSIONS, "GIF")
KEPT_NAME = re.compile(r"(?P<stem>.*)\.(?P<side>\d{1,5})px\.(?:jpg|png|webp)")
START_OF_SCAN, EXIF = b"\xff\xda", b"\xff\xe1"
SRGB = ImageCms.createProfile("sRGB")

# What one process has in memory does not grow with the number of uploads.
_turn = threading.Lock()


class Picture(ContentFile):
    """A picture that was checked and encoded anew, under its new name; ``image`` is what it shows."""

    def __init__(self, image: Image.Image, kind: str) -> None:
        super().__init__(_encoded(image, kind))
        self.image = image
        self.name = kept_name(secrets.token_hex(16), max(image.size), EXTENSIONS[kind])


def kept_name(stem: str, side: int, extension: str) -> str:
    """A name which promises that the sizes below ``side`` pixels are there: make them."""
    return f"{stem}.{side}px.{extension}"


def read(upload: File) -> Picture:
    """Check an upload and encode it anew; raises ValidationError with a sentence for who uploaded it.

    The first frame of a moving picture is taken. What the file is called does not matter: shops are full of WebP files
    that are called .jpg.
    """
    if isinstance(upload, Picture):
        return upload
    if upload.size > MAX_BYTES:
        limit = {"limit": MAX_BYTES // 1024**2}
        raise ValidationError(_("A picture may have %(limit)d MB."), "too_large", limit)
    try:
        _refuse_labour(upload)
        upload.seek(0)
        with _turn, Image.open(upload, formats=READABLE) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Image.DecompressionBombError
            kind = {"PNG": "PNG", "GIF": "PNG", "WEBP": "WEBP"}.get(image.format or "", "JPEG")
            image.load()
            return Picture(_clean(image), kind)
    except Image.DecompressionBombError as exc:
        limit = {"limit": MAX_PIXELS // 1_000_000}
        raise ValidationError(
            _("A picture may have %(limit)d million pixels."), "too_many_pixels", limit
        ) from exc
    except Exception as exc:  # Pillow's readers raise whatever they stumble over
        raise ValidationError(
            _("This is no picture that can be shown: JPEG, PNG, WebP or GIF, whole."), "no_picture"
        ) from exc


def make_sizes(
    name: str, image: Image.Image, storage: Storage, *, sides: Collection[int] = SIDES
) -> None:
    """Store the sizes that ``name`` promises, or those of them that are asked for, in place of what is there."""
    smaller = image.copy()
    for side, name_of_size in sorted(_sizes(name), reverse=True):
        smaller.thumbnail((side, side))
        if side in sides:
            storage.delete(name_of_size)
            storage.save(name_of_size, ContentFile(_encoded(smaller, "WEBP")))


def missing_sides(name: str, storage: Storage) -> list[int]:
    """The promised sizes that the storage does not have."""
    return [side for side, name_of_size in _sizes(name) if not storage.exists(name_of_size)]


def has_sizes(name: str) -> bool:
    return any(_sizes(name))


def delete(name: str, storage: Storage) -> None:
    """Remove a picture and its sizes; call it only for one that nothing shows, old orders included."""
    for each in (name, *dict(_sizes(name)).values()):
        storage.delete(each)


def urls(name: str, storage: Storage = default_storage) -> dict[str, str]:
    """Addresses of a stored picture by longest side in pixels; the picture itself where it has no such size."""
    if not name:
        return {}
    of_sizes = dict(_sizes(name))
    return {str(side): storage.url(of_sizes.get(side, name)) for side in SIDES}


def name_of_size(name: str, side: int) -> str:
    """Where a stored picture is kept at this size; the picture itself where it has no such size."""
    return dict(_sizes(name)).get(side, name)


class PictureFormField(forms.ImageField):
    """Answers with a Picture."""

    default_validators = []

    def to_python(self, data: Any) -> Picture | None:
        upload = forms.FileField.to_python(self, data)
        return None if upload is None else read(upload)


class PictureFieldFile(models.fields.files.ImageFieldFile):
    @property
    def urls(self) -> dict[str, str]:
        """Addresses by longest side in pixels, empty without a picture."""
        return urls(self.name or "", self.storage)

    def save(self, name: str | None, content: File, save: bool = True) -> None:
        """Keep a picture and its sizes; raises ValidationError if it is none."""
        picture = read(content)
        super().save(str(picture.name), picture, save=False)
        make_sizes(self.name or "", picture.image, self.storage)
        if save:
            self.instance.save()


class PictureField(models.ImageField):
    """A column with the storage name of a picture that was uploaded; in migrations, an ImageField."""

    attr_class = PictureFieldFile

    def formfield(self, **kwargs: Any) -> Any:
        # Its own name is thrown away, so it may be long.
        return super().formfield(**{"form_class": PictureFormField, "max_length": None, **kwargs})

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.ImageField", args, kwargs


def _sizes(name: str) -> Iterator[tuple[int, str]]:
    """Side and storage name of every size that a picture of this name has."""
    if kept := KEPT_NAME.fullmatch(name):
        for side in SIDES:
            if side < int(kept["side"]):
                yield side, f"{kept['stem']}.{side}px.webp"


def _refuse_labour(upload: File) -> None:
    """Raise ValueError for a JPEG that takes minutes to read: each scan goes over all pixels, each EXIF block over all
    before it, and 10 MB have room for a hundred thousand.
    """
    upload.seek(0)
    content = upload.read()
    is_jpeg = content.startswith(b"\xff\xd8")
    if is_jpeg and max(map(content.count, (START_OF_SCAN, EXIF))) > MAX_REPEATS:
        raise ValueError("So many scans or EXIF blocks are made by no camera")


def _clean(image: Image.Image) -> Image.Image:
    """Upright, no larger than needed, in sRGB, without anything but pixels."""
    with suppress(Exception):  # a torn EXIF block makes no bad picture
        ImageOps.exif_transpose(image, in_place=True)
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):  # 16 bits a pixel
        image = image.point(lambda level: level / 256).convert("L")
    elif image.mode not in {"L", "RGB", "RGBA", "CMYK"}:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    image = _in_srgb(image, profile)
    image.info = {}
    return image


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, SRGB, outputMode=mode)
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError):
            pass  # a profile that cannot be read is not followed
    return image.convert(mode)


def _encoded(image: Image.Image, kind: str) -> bytes:
    file = BytesIO()
    if kind == "JPEG":
        image.save(file, kind, quality=JPEG_QUALITY, optimize=True, progressive=True)
    elif kind == "WEBP":
        image.save(file, kind, quality=WEBP_QUALITY, method=2)
    else:
        image.save(file, kind, optimize=True)
    return file.getvalue()
