import time
from argparse import ArgumentParser
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from apps.demo import (
    after_sales,
    catalogue,
    history,
    images,
    invoices,
    messages,
    movements,
    opinions,
    people,
    shop,
    statements,
    volume,
)
from apps.demo.home_page import HomePage
from apps.demo.rows import Rows
from apps.goods.models import SKU
from apps.goods.services import announce
from apps.reports.services import recount_figures

SEED = "meiduo"
ORDERS = 300


class Command(BaseCommand):
    help = (
        "Load the demo shop: categories, goods with pictures, logins and past orders. Safe to run again: what is there "
        "stays as it is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        more = "Add N more %s for load tests; every run adds as many again."
        parser.add_argument("--skus", type=int, default=0, metavar="N", help=more % "SKUs")
        parser.add_argument("--orders", type=int, default=0, metavar="N", help=more % "orders")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO_ALLOWED:
            raise CommandError("The demo shop has public passwords: production settings refuse it.")
        if min(options["skus"], options["orders"]) < 0:
            raise CommandError("--skus and --orders take a number from 0 up.")
        self.is_quiet = options["verbosity"] == 0
        started, skus_before = time.perf_counter(), SKU.objects.count()
        self.say(f"Pictures: {images.draw_missing()} drawn.")
        self.say(*load_shop())
        self.add("SKUs", options["skus"], volume.add_skus)
        self.add("orders", options["orders"], volume.add_orders)
        grew = SKU.objects.count() > skus_before
        call_command(
            "rebuild_index",
            if_missing=not grew,
            verbosity=options["verbosity"],
            stdout=self.stdout,
        )
        self.say(f"Done in {time.perf_counter() - started:.1f} s.")

    def add(self, what: str, count: int, adding: Any) -> None:
        if not count:
            return
        started = time.perf_counter()
        with tqdm(total=count, unit=f" {what}", disable=self.is_quiet or None) as bar:
            adding(count, bar.update)
        seconds = time.perf_counter() - started
        self.say(f"Volume: {count} {what} in {seconds:.1f} s, {count / seconds:.0f} a second.")

    def say(self, *lines: str) -> None:
        if not self.is_quiet:
            self.stdout.write("\n".join(lines))


@transaction.atomic
def load_shop() -> list[str]:
    """Create what is missing of the people and, as a whole, the shop; tell what that was."""
    now = timezone.now()
    area_name = people.area_names()
    passwords = {
        people.BUYER: f"{people.BUYER} ({people.BUYER_MOBILE}) / {people.BUYER_PASSWORD}",
        people.OPERATOR: f"{people.OPERATOR} / {people.OPERATOR_PASSWORD}",
    }
    passwords |= {name: f"{name} / {people.ROLES_PASSWORD}" for name in people.ROLES}
    said = [f"Login: {passwords[name]}" for name in people.create_missing(now)]
    if shop.is_loaded():
        return [*said, "Shop: there already, left as it is."]

    rng, rows = Random(SEED), Rows()  # noqa: S311  the same shop every time, nothing secret
    opened = now - timedelta(days=history.DAYS + 120)
    shelves = shop.build_shelves(rows, opened)
    offers_of: dict[str, list[shop.Offer]] = {}
    products = catalogue.products()
    for product in rng.sample(products, len(products)):
        at = opened + timedelta(days=120) * rng.random()
        stock = partial(rng.randrange, 20, 400)
        added = shop.add_product(rows, product, shelves, at, stock=stock, pictures=3)
        offers_of[product.key] = added
    HomePage(rows, offers_of, shelves, now).fill()
    offers = [offer for added in offers_of.values() for offer in added]
    crowd = people.crowd(area_name)
    staff, own = people.staff(), people.demo_buyer(area_name)
    past = history.write_past(rows, offers, crowd, count=ORDERS, now=now, rng=rng, staff=staff)
    asked_back, returned = after_sales.write_requests(rows, past, staff=staff)
    past += history.write_own(rows, offers_of, own, now=now, staff=staff)
    reviews = opinions.write_reviews(rows, past, operator_id=staff.service, rng=rng)
    untouched = [each for each in past if each.order.pk not in asked_back]
    asked_for = invoices.write_requests(rows, untouched, now=now)
    movements.write_movements(
        rows, offers, past, returned, now=now, rng=rng, author_id=staff.warehouse
    )
    messages.write_messages(rows, past, now=now)
    statements.write_difference(rows, now=now)
    rows.write()
    recount_figures()
    announce([])  # the index is rebuilt as a whole afterwards
    return [
        *said,
        f"Shop: {len(shelves.category)} leaf categories, {len(shelves.brand)} brands, "
        f"{len(products)} goods, {len(offers)} SKUs, {len(past)} past orders, {reviews} reviews, "
        f"{len(asked_back)} after-sale requests, {asked_for} requests for invoices.",
    ]
