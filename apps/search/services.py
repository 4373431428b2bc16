"""How the index follows the catalogue."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress

from apps.goods.models import SKU, SKUChange
from apps.search import selectors, store
from apps.search.exceptions import SearchUnavailable
from apps.search.gateways import engine, turns
from apps.search.gateways.base import Changes, Document

BATCH = 500
MOST_BATCHES = 20
"""In one run: what is left is the next one's, so that the right to write is not kept for long."""
SWEEP = 5000
"""SKU ids whose stock is compared in one run: of 100,000, each within 40 seconds."""
FOLLOW_SECONDS = 1.0


def index_changes() -> int:
    """Show every SKU that was announced, or sold out or came back unannounced; how many announcements that were.

    One process at a time; for a second one there is nothing to do. An announcement is removed after the index has it
    on disk: what a crash leaves behind is indexed once more, which changes nothing.
    """
    with _turn(wait=False) as renew:
        if renew is None:
            return 0
        done = 0
        for _ in range(MOST_BATCHES):
            renew()
            if not (shown := _show_announced()):
                break
            done += len(shown)
        _follow_stock()
    return done


def _show_announced() -> list[int]:
    """Show some of what was announced, as it is now; the SKU of each announcement."""
    if changes := SKUChange.objects.oldest(BATCH):
        engine().index(*_as_now(set(changes.values())))
        SKUChange.objects.forget(changes)
    return list(changes.values())


def _follow_stock() -> None:
    """Compare the next stretch of SKUs with the index.

    Orders announce nothing, so that they do not pay for it; and what is lost in any other way is found here, too.
    """
    skus = SKU.objects.order_by("pk").values_list("pk", flat=True)
    first = skus.filter(pk__gt=store.swept()).first() or skus.first()
    if first is None:
        return
    last = first + SWEEP - 1
    sold_out = skus.filter(is_launched=True, stock=0, pk__range=(first, last))
    changed = set(sold_out) ^ engine().sold_out(first, last)
    if changed:
        engine().index(*_as_now(changed))
    store.sweep_from(last)


def _as_now(sku_ids: set[int]) -> Changes:
    ids = sorted(sku_ids)
    batches = (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
    documents = [document for batch in batches for document in selectors.documents(batch)]
    return documents, sku_ids - {document.id for document in documents}


def rebuild(progress: Callable[[int], object] = lambda _: None) -> int:
    """Build the index anew beside the old one and put it in its place at once; how many SKUs it has.

    What is announced meanwhile is shown by the old one within seconds, and by the new one from its first moment.
    """
    count, meanwhile = 0, set[int]()
    with _turn(wait=True) as renew:
        assert renew  # noqa: S101  we have waited
        is_searched = engine().is_ready()

        def counted() -> Iterator[Document]:
            nonlocal count
            looked = time.monotonic()
            for document in selectors.all_documents():
                yield document
                count += 1
                progress(1)
                if time.monotonic() - looked >= FOLLOW_SECONDS:
                    renew()
                    if is_searched:
                        # What cannot be shown now waits for the new index.
                        with suppress(SearchUnavailable):
                            meanwhile.update(_show_announced())
                    looked = time.monotonic()

        engine().rebuild(counted(), catch_up=lambda: _as_now(meanwhile))
    return count


def sku_count() -> int:
    """How many SKUs an index of now would have."""
    return SKU.objects.launched().count()


def _turn(*, wait: bool) -> AbstractContextManager[turns.Renew | None]:
    """The right to write: one process has it."""
    file = engine().lock_file
    return turns.turn(file, wait=wait) if file else store.turn(wait=wait)
