from apps.search.gateways.embedded.engine import EmbeddedEngine

__all__ = ["EmbeddedEngine"]
