from apps.search.gateways.elastic.engine import ElasticEngine

__all__ = ["ElasticEngine"]
