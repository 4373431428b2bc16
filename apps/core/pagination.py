from rest_framework.pagination import PageNumberPagination


class StorefrontPagination(PageNumberPagination):
    """``page`` and ``page_size`` in, ``count``, ``next``, ``previous``, ``results`` out."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100
