"""A worker that sends what is due, to be killed: ``python -m tests.notifications.worker LATER [NAME NTH]``.

LATER is by how many minutes its clock is ahead. It stops where NAME of the service that delivers is called for the NTH
time. At its end it says how many it tried, and in which state every message is.
"""

import os
import sys
from datetime import timedelta

import django

from tests.processes import say, stop_before


def main(later: str, *stop: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "meiduo.settings.test"
    django.setup()

    from django.utils import timezone

    from apps.notifications.models import Message
    from apps.notifications.services import delivering, send_notifications

    real = timezone.now
    timezone.now = lambda: real() + timedelta(minutes=int(later))
    if stop:
        name, nth = stop
        stop_before(delivering, name, int(nth))
    tried = send_notifications()
    messages = Message.objects.order_by("pk").values_list("state", "tries")
    say({"tried": tried, "messages": list(messages)})


if __name__ == "__main__":
    main(*sys.argv[1:])
