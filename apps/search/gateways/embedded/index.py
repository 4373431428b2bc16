"""What a tantivy index of ours consists of, and writing to it."""

from collections.abc import Iterable

import tantivy

from apps.search.gateways import fields
from apps.search.gateways.base import Document

HEAP_BYTES = 64_000_000


def write(index: tantivy.Index, documents: Iterable[Document], gone: Iterable[int]) -> None:
    """Show these as they are now and those ids no more; on disk when this returns."""
    register(index)
    writer = index.writer(HEAP_BYTES, 1)
    for sku_id in gone:
        writer.delete_documents_by_query(_is(sku_id))
    for document in documents:
        row = fields.of(document)
        # tantivy multiplies scores by log2(2 + weight).
        row["popularity"] = 2 ** row["popularity"] - 2
        writer.delete_documents_by_query(_is(document.id))
        writer.add_document(tantivy.Document.from_dict(row, index.schema))
    writer.commit()
    writer.wait_merging_threads()


def _is(sku_id: int) -> tantivy.Query:
    """tantivy 0.27's delete_documents_by_term() takes the number for a signed one, and deletes nothing."""
    return tantivy.Query.term_query(SCHEMA, "id", sku_id)


def register(index: tantivy.Index) -> None:
    """Tell an opened index how our texts are split; it does not remember."""
    spaces = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("spaces", spaces)


def schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in fields.PHRASES:
        builder.add_text_field(name, tokenizer_name="spaces", index_option="position")
    for name in fields.BAGS:
        builder.add_text_field(name, tokenizer_name="spaces", index_option="basic")
    builder.add_text_field("suggest", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("spec", tokenizer_name="raw", index_option="basic", fast=True)
    for name in ("id", "brand_id", "category_id", "leaf_id", "in_stock"):
        builder.add_unsigned_field(name, indexed=True, fast=True)
    for name in ("price", "by_price", "by_sales", "by_create_time"):
        builder.add_unsigned_field(name, fast=True)
    builder.add_float_field("popularity", fast=True)
    return builder.build()


SCHEMA = schema()
