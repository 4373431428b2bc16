from datetime import timedelta

from django.conf import settings
from django.db import migrations
from django.db.models import DateTimeField, ExpressionWrapper, F
from django.utils import timezone

CASH, UNPAID = 1, 1


def give_them_time(apps, schema_editor):
    """Who has not paid yet is given the whole time once more, from now on; the rest is history."""
    span = timedelta(minutes=settings.PAYMENT_MINUTES)
    on_line = apps.get_model("orders", "OrderInfo").objects.exclude(pay_method=CASH)
    then = ExpressionWrapper(F("create_time") + span, output_field=DateTimeField())
    on_line.exclude(status=UNPAID).update(expires_at=then)
    on_line.filter(status=UNPAID).update(expires_at=timezone.now().replace(microsecond=0) + span)


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_orders_expire")]

    operations = [
        migrations.RunPython(give_them_time, migrations.RunPython.noop),
    ]
