from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payment", "0003_payments_settle_orders")]

    operations = [
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settles", models.F("order")), ("state", "succeeded")),
                    models.Q(
                        models.Q(("state", "succeeded"), _negated=True), ("settles__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="payment_settles_its_order",
            ),
        ),
    ]
