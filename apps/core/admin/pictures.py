from typing import Any

from django.db.models.fields.files import ImageFieldFile
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core import pictures
from apps.core.admin.unfolded import FileInput


def thumbnail(picture: ImageFieldFile, *, side: int = 80) -> SafeString | str:
    """The picture, small; ``side`` is one of the sizes that pictures have."""
    if not picture.name:
        return "–"
    # In a list all are squares of the same size, and sharp on a screen with two dots a pixel.
    in_a_list = "width:48px;height:48px;object-fit:cover;"
    style = f"{in_a_list if side == 80 else ''}border-radius:4px"
    url = pictures.urls(picture.name, picture.storage)[str(side)]
    return format_html('<img src="{}" style="{}" loading="lazy" alt="">', url, style)


class PictureInput(FileInput):
    """Where another picture is chosen; the one there is now is seen above it."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chooser = super().render(name, value, attrs, renderer)
        if not self.is_initial(value):
            return chooser
        return format_html('<div class="picture">{}{}</div>', thumbnail(value, side=480), chooser)
