from django.db import migrations, models


class Migration(migrations.Migration):
    """A page that asks every 3 seconds passes 32767 within 28 hours."""

    dependencies = [("payment", "0009_succeeded_payment_settles_an_order")]

    operations = [
        migrations.AlterField(
            model_name="payment",
            name="queries",
            field=models.PositiveIntegerField(default=0, verbose_name="questions asked"),
        ),
        migrations.AlterField(
            model_name="refund",
            name="tries",
            field=models.PositiveIntegerField(default=0, verbose_name="tries"),
        ),
    ]
