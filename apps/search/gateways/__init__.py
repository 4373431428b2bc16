from functools import cache

from django.conf import settings

from apps.search.gateways.base import Engine
from apps.search.gateways.elastic import ElasticEngine
from apps.search.gateways.embedded import EmbeddedEngine


@cache
def engine() -> Engine:
    """The engine that the settings name: a search server, or the index inside the shop."""
    if settings.SEARCH_URL:
        return ElasticEngine(settings.SEARCH_URL)
    return EmbeddedEngine(settings.SEARCH_DIR)
