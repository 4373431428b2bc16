from django.conf import settings
from django.db import migrations
from django.db.models import F


def name_what_they_settle(apps, schema_editor):
    payments = apps.get_model("payment", "Payment").objects
    payments.filter(state="succeeded").update(settles=F("order"))
    payments.filter(provider="alipay").update(account=settings.ALIPAY["seller_id"])


class Migration(migrations.Migration):
    """Until now Alipay's page was the only way to pay, and the state alone said what settled an order."""

    dependencies = [("payment", "0002_refunds")]

    operations = [
        migrations.RunPython(name_what_they_settle, migrations.RunPython.noop),
    ]
