import json
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser, MultiPartParser

from apps.core.pictures import MAX_BYTES


class BoundedJSONParser(JSONParser):
    """JSON that is nested deeper than Python can follow is malformed too."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except RecursionError as exc:
            raise ParseError(_("The JSON is nested too deeply.")) from exc
        except ParseError as exc:
            raise ParseError(_described(exc.__cause__ or exc.__context__)) from exc


def _described(error: BaseException | None) -> str:
    """What Python says of it in English, in the reader's language: where it breaks, if that is known."""
    if isinstance(error, json.JSONDecodeError):
        place = {"line": error.lineno, "column": error.colno}
        return _("The JSON breaks at line %(line)d, column %(column)d.") % place
    return _("This is no JSON.")


class PictureParser(MultiPartParser):
    """A form with one picture; what is longer than any picture that is kept is not even read."""

    ROOM_FOR_THE_FORM = 16 * 1024

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        meta = parser_context["request"].META
        if int(meta.get("CONTENT_LENGTH") or 0) > MAX_BYTES + self.ROOM_FOR_THE_FORM:
            raise RequestDataTooBig
        return super().parse(stream, media_type, parser_context)
