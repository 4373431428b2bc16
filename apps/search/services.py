"""How the index follows the catalogue."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from apps.goods.models import SKU, SKUChange
from apps.search import selectors, store
from apps.search.gateways import engine, turns
from apps.search.gateways.base import Document

BATCH = 500
MOST_BATCHES = 20
"""In one run: what is left is the next one's, so that a large change does not hold up other jobs."""


def index_changes() -> int:
    """Show every SKU that was announced as it is now; how many announcements that were.

    One process at a time; for a second one there is nothing to do. An announcement is removed after the index has it
    on disk: what a crash leaves behind is indexed once more, which changes nothing.
    """
    if not SKUChange.objects.exists():
        return 0
    done = 0
    with _turn(wait=False) as renew:
        if renew is None:
            return 0
        for _ in range(MOST_BATCHES):
            changes = SKUChange.objects.oldest(BATCH)
            if not changes:
                break
            renew()
            _show(set(changes.values()))
            SKUChange.objects.forget(changes)
            done += len(changes)
    return done


def _show(sku_ids: set[int]) -> None:
    documents = selectors.documents(sku_ids)
    engine().index(documents, gone=sku_ids - {document.id for document in documents})


def rebuild(progress: Callable[[int], object] = lambda _: None) -> int:
    """Build the index anew beside the old one and put it in its place at once; how many SKUs it has.

    What is announced meanwhile waits until the new index is there: whoever indexes changes waits for us to be done.
    """
    count = 0
    with _turn(wait=True) as renew:
        assert renew  # noqa: S101  we have waited

        def counted() -> Iterator[Document]:
            nonlocal count
            for document in selectors.all_documents():
                yield document
                count += 1
                progress(1)
                if count % BATCH == 0:
                    renew()

        engine().rebuild(counted())
    return count


def sku_count() -> int:
    """How many SKUs an index of now would have."""
    return SKU.objects.launched().count()


def _turn(*, wait: bool) -> AbstractContextManager[turns.Renew | None]:
    """The right to write: one process has it."""
    file = engine().lock_file
    return turns.turn(file, wait=wait) if file else store.turn(wait=wait)
