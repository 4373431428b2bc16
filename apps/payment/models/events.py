from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.payment.models.payments import Payment
from apps.payment.models.refunds import Refund


class PaymentEvent(models.Model):
    """What a provider told us, with the verdict on it; append-only.

    A statement is there once for each verdict: refused first and believed when it was repeated, it is there twice.
    ``digest`` tells statements apart that bear the same number; it is blank in what an operator recorded.
    ``payment`` is null when the number is none of ours; ``refund`` is set where it speaks of money that goes back.
    """

    class Kind(models.TextChoices):
        NOTICE = "notice", _("notice")
        QUERY = "query", _("answer to a question")
        ANSWER = "answer", _("answer to a refund request")
        OPERATOR = "operator", _("recorded by an operator")

    class Verdict(models.TextChoices):
        SETTLED = "settled", _("order paid")
        SURPLUS = "surplus", _("surplus payment")
        CLOSED = "closed", _("attempt closed")
        REFUNDED = "refunded", _("refunded")
        REFUND_FAILED = "refund_failed", _("refund failed")
        REFUND_STUCK = "refund_stuck", _("refund waits for a person")
        NO_CHANGE = "no_change", _("nothing to do")
        UNKNOWN_PAYMENT = "unknown_payment", _("unknown number")
        UNKNOWN_REFUND = "unknown_refund", _("unknown refund")
        WRONG_APP = "wrong_app", _("another app id")
        WRONG_SELLER = "wrong_seller", _("another seller")
        WRONG_AMOUNT = "wrong_amount", _("another amount")
        WRONG_CURRENCY = "wrong_currency", _("another currency")
        WRONG_TRADE = "wrong_trade", _("another trade")
        MALFORMED = "malformed", _("unreadable")

    payment = models.ForeignKey(
        Payment,
        verbose_name=_("payment"),
        on_delete=models.PROTECT,
        related_name="events",
        null=True,
        blank=True,
    )
    refund = models.ForeignKey(
        Refund,
        verbose_name=_("refund"),
        on_delete=models.PROTECT,
        related_name="events",
        null=True,
        blank=True,
    )
    provider = models.CharField(_("provider"), max_length=20)
    event_id = models.CharField(_("event number"), max_length=128)
    digest = models.CharField(max_length=64, blank=True, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    status = models.CharField(_("status"), max_length=32)
    amount = models.DecimalField(
        _("amount"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    payload = models.JSONField(_("what was received"))
    verdict = models.CharField(_("verdict"), max_length=20, choices=Verdict)
    create_time = models.DateTimeField(_("received"), auto_now_add=True)

    class Meta:
        verbose_name = _("payment event")
        verbose_name_plural = _("payment events")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "event_id", "digest", "verdict"], name="event_once_per_verdict"
            ),
        ]
        indexes = [models.Index(fields=["event_id"], name="payment_event_by_number")]

    def __str__(self) -> str:
        return f"{self.provider} {self.event_id}"
