"""A worker to be killed: ``python -m tests.orders.worker JOB [PLACE NAME NTH]``.

JOB ships every order by one and the same spreadsheet, cancels what is overdue, or only looks. It stops where NAME of
the module PLACE is called for the NTH time. At its end it says what became of each order.
"""

import os
import sys
from importlib import import_module

import django

from tests.processes import say, stop_before


def main(job: str, *stop: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "meiduo.settings.test"
    django.setup()

    from django.core.management import call_command

    from apps.orders.models import OrderInfo, Shipment
    from apps.payment.services import cancel_overdue_orders

    if stop:
        place, name, nth = stop
        stop_before(import_module(place), name, int(nth))
    said = {"ship": _ship, "cancel": cancel_overdue_orders, "look": lambda: None}[job]()
    call_command("audit", verbosity=0)
    orders = OrderInfo.objects.order_by("pk").prefetch_related("events")
    say(
        {
            "said": said,
            "orders": [
                [order.status, [event.step for event in order.events.all()]] for order in orders
            ],
            "shipments": list(
                Shipment.objects.order_by("order_id").values_list("number", flat=True)
            ),
        }
    )


def _ship() -> list[bool]:
    from apps.orders.models import Carrier, OrderInfo
    from apps.orders.services.shipping_sheets import Entry, ship_sheet
    from apps.users.models import User

    carrier = Carrier.objects.get(code="shunfeng")
    entries = [
        Entry(row, order.pk, carrier.name, f"SF{row:06d}", carrier_id=carrier.pk)
        for row, order in enumerate(OrderInfo.objects.order_by("pk"), 2)
    ]
    return [each.is_done for each in ship_sheet(entries, by=User.objects.get(username="operator"))]


if __name__ == "__main__":
    main(*sys.argv[1:])
