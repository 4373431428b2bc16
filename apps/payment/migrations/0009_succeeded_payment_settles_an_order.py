from django.db import migrations, models


class Migration(migrations.Migration):
    """The old constraint let a succeeded payment pass that settles nothing. Nothing has ever written one.

    The new one is added before the old one goes: should it refuse a row, the database is as it was, and a person must
    say what that payment is.
    """

    dependencies = [("payment", "0008_who_an_attempt_is_opened_for")]

    operations = [
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("settles", models.F("order")),
                        ("settles__isnull", False),
                        ("state", "succeeded"),
                    ),
                    models.Q(
                        models.Q(("state", "succeeded"), _negated=True), ("settles__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="payment_succeeded_settles_order",
            ),
        ),
        migrations.RemoveConstraint(model_name="payment", name="payment_settles_its_order"),
    ]
