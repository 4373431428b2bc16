from typing import Any

from rest_framework.renderers import JSONRenderer


class EscapedJSONRenderer(JSONRenderer):
    ensure_ascii = True


class StorefrontJSONRenderer(JSONRenderer):
    """JSON in UTF-8; where that cannot be, because a refusal quotes half a character that was sent, escaped."""

    def render(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().render(*args, **kwargs)
        except UnicodeEncodeError:
            return EscapedJSONRenderer().render(*args, **kwargs)
