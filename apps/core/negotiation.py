from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request


class AnyAccept(DefaultContentNegotiation):
    """Where there is one way to answer, it is taken, whatever the client says that it accepts.

    An ``<img>`` accepts images only, and a provider's notice may accept anything; neither 406 nor the 404 of an unknown
    ``?format=`` would help them. The API description, which can be had as YAML or JSON, is negotiated.
    """

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        if len(renderers) == 1:
            return renderers[0], renderers[0].media_type
        return super().select_renderer(request, renderers, format_suffix)
