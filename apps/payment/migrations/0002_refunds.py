from decimal import Decimal

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0002_reviews"),
        ("payment", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Refund",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("create_time", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("update_time", models.DateTimeField(auto_now=True, verbose_name="updated")),
                (
                    "out_request_no",
                    models.CharField(max_length=40, unique=True, verbose_name="our number"),
                ),
                (
                    "refund_no",
                    models.CharField(blank=True, max_length=64, verbose_name="provider's number"),
                ),
                (
                    "amount",
                    models.DecimalField(decimal_places=2, max_digits=10, verbose_name="amount"),
                ),
                ("reason", models.CharField(max_length=80, verbose_name="reason")),
                (
                    "cause",
                    models.CharField(
                        choices=[("operator", "by an operator"), ("surplus", "paid too much")],
                        max_length=20,
                        verbose_name="cause",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("original", "the way it came"),
                            ("payout", "transfer to the payer's account"),
                            ("cash", "by hand"),
                        ],
                        default="original",
                        max_length=20,
                        verbose_name="channel",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "requested"),
                            ("processing", "under way"),
                            ("unknown", "outcome unknown"),
                            ("succeeded", "refunded"),
                            ("failed", "failed"),
                        ],
                        default="requested",
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                (
                    "request_key",
                    models.CharField(
                        editable=False,
                        max_length=64,
                        null=True,
                        verbose_name="digest of the idempotency key",
                    ),
                ),
                (
                    "next_try_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="next try"),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                (
                    "succeeded_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="refunded at"),
                ),
                (
                    "answer",
                    models.CharField(blank=True, max_length=200, verbose_name="last answer"),
                ),
            ],
            options={
                "verbose_name": "refund",
                "verbose_name_plural": "refunds",
                "ordering": ["-id"],
            },
        ),
        migrations.AddField(
            model_name="payment",
            name="account",
            field=models.CharField(default="", max_length=64, verbose_name="our account"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="payment",
            name="code",
            field=models.CharField(
                blank=True, editable=False, max_length=512, verbose_name="what the provider gave"
            ),
        ),
        migrations.AddField(
            model_name="payment",
            name="is_closing",
            field=models.BooleanField(default=False, verbose_name="to be closed"),
        ),
        migrations.AddField(
            model_name="payment",
            name="payer",
            field=models.CharField(
                blank=True, editable=False, max_length=128, verbose_name="payer's account"
            ),
        ),
        migrations.AddField(
            model_name="payment",
            name="product",
            field=models.CharField(default="page", max_length=20, verbose_name="product"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="payment",
            name="refunded_amount",
            field=models.DecimalField(
                decimal_places=2, default=Decimal("0.00"), max_digits=10, verbose_name="refunded"
            ),
        ),
        migrations.AddField(
            model_name="payment",
            name="settles",
            field=models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="settlement",
                to="orders.orderinfo",
                verbose_name="settles",
            ),
        ),
        migrations.AlterField(
            model_name="payment",
            name="provider",
            field=models.CharField(max_length=20, verbose_name="provider"),
        ),
        migrations.AlterField(
            model_name="paymentevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("notice", "notice"),
                    ("query", "answer to a question"),
                    ("answer", "answer to a refund request"),
                    ("operator", "recorded by an operator"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="paymentevent",
            name="provider",
            field=models.CharField(max_length=20, verbose_name="provider"),
        ),
        migrations.AlterField(
            model_name="paymentevent",
            name="verdict",
            field=models.CharField(
                choices=[
                    ("settled", "order paid"),
                    ("surplus", "surplus payment"),
                    ("closed", "attempt closed"),
                    ("refunded", "refunded"),
                    ("refund_failed", "refund failed"),
                    ("refund_stuck", "refund waits for a person"),
                    ("no_change", "nothing to do"),
                    ("unknown_payment", "unknown number"),
                    ("unknown_refund", "unknown refund"),
                    ("wrong_app", "another app id"),
                    ("wrong_seller", "another seller"),
                    ("wrong_amount", "another amount"),
                    ("wrong_currency", "another currency"),
                    ("wrong_trade", "another trade"),
                ],
                max_length=20,
                verbose_name="verdict",
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(fields=["provider", "account", "paid_at"], name="payment_by_day"),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("refunded_amount", 0),
                    models.Q(
                        ("refunded_amount__gt", 0),
                        ("state__in", ["succeeded", "surplus"]),
                        ("refunded_amount__lte", models.F("amount")),
                    ),
                    _connector="OR",
                ),
                name="payment_refunds_within_amount",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="payment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="refunds",
                to="payment.payment",
                verbose_name="payment",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="requested_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="requested by",
            ),
        ),
        migrations.AddField(
            model_name="paymentevent",
            name="refund",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="payment.refund",
                verbose_name="refund",
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(fields=["state", "next_try_at"], name="refund_due"),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(fields=["succeeded_at"], name="refund_by_day"),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="refund_amount_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.UniqueConstraint(
                fields=("payment", "request_key"), name="refund_key_once_per_payment"
            ),
        ),
    ]
