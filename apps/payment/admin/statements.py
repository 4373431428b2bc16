from typing import ClassVar

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.core.admin import AMOUNTS
from apps.payment.admin.base import REFUSALS, ProviderFilter, ReadOnlyAdmin, provider_name, said_of
from apps.payment.models import Difference, Statement, StatementLine
from apps.payment.services import reconciliation

SHOWN_DIFFERENCES = 20


@admin.register(Statement)
class StatementAdmin(ReadOnlyAdmin):
    """The report of each day: what the provider says, what we say, and what does not agree."""

    list_display = [
        "day",
        "named_provider",
        "state",
        "unsettled",
        "their_payment_amount",
        "our_payment_amount",
        "their_refund_amount",
        "our_refund_amount",
        "account",
    ]
    guarded: ClassVar = dict.fromkeys(
        [
            "their_payment_amount",
            "our_payment_amount",
            "their_refund_amount",
            "our_refund_amount",
            "totals",
        ],
        AMOUNTS,
    )
    export_columns: ClassVar = [
        "their_payments",
        "our_payments",
        "their_refunds",
        "our_refunds",
        "their_fee",
        "our_fee",
        "fetched_at",
    ]
    list_filter = [("provider", ProviderFilter), "state", "day"]
    date_hierarchy = "day"
    search_fields = ["=day", "=account"]
    fields = [
        "named_provider",
        "account",
        "day",
        "state",
        "error",
        "fetched_at",
        "tries",
        "digest",
        "totals",
        "by_type",
        "to_do",
        "all_lines",
    ]
    readonly_fields = ["named_provider", "totals", "by_type", "to_do", "all_lines"]
    actions = ["reconcile_again"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Statement]:
        return Statement.objects.with_open_differences()

    def has_reconcile_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("payment.change_statement")

    @admin.display(description=_("differences not settled"), ordering="unsettled")
    def unsettled(self, statement: Statement) -> int:
        count: int = statement.unsettled  # type: ignore[attr-defined]  # of the annotation
        return count

    @admin.display(description=_("totals"))
    def totals(self, statement: Statement) -> SafeString:
        their, our = (
            [
                f"{getattr(statement, f'{side}_payments')} / {getattr(statement, f'{side}_payment_amount')}",
                f"{getattr(statement, f'{side}_refunds')} / {getattr(statement, f'{side}_refund_amount')}",
                f"{getattr(statement, f'{side}_fee')}",
            ]
            for side in ("their", "our")
        )
        names = [
            _("payments: number / sum"),
            _("refunds: number / sum"),
            _("fees (ours: expected)"),
        ]
        rows = format_html_join(
            "",
            "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
            zip(names, their, our, strict=True),
        )
        return format_html(
            "<table><tr><th></th><th>{}</th><th>{}</th></tr>{}</table>",
            _("theirs"),
            _("ours"),
            rows,
        )

    @admin.display(description=_("differences by type"))
    def by_type(self, statement: Statement) -> SafeString | str:
        counted = (
            statement.differences.order_by("type", "state")
            .values_list("type", "state")
            .annotate(count=Count("pk"))
        )
        rows = format_html_join(
            "",
            "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
            (
                (Difference.Type(kind).label, Difference.State(state).label, count)
                for kind, state, count in counted
            ),
        )
        return format_html("<table>{}</table>", rows) if rows else "–"

    @admin.display(description=_("differences not settled"))
    def to_do(self, statement: Statement) -> SafeString:
        """The first ones, and where all of them are."""
        unsettled = statement.differences.unsettled().order_by("pk")[:SHOWN_DIFFERENCES]
        rows = format_html_join(
            "",
            '<li><a href="{}">{}</a> {}</li>',
            (
                (
                    _page("difference", difference.pk),
                    str(difference),
                    difference.get_state_display(),
                )
                for difference in unsettled
            ),
        )
        return format_html(
            '<ul style="margin:0;padding:0">{}</ul><a href="{}">{}</a>',
            rows,
            _rows("difference", statement),
            _("All differences"),
        )

    @admin.display(description=_("lines of statements"))
    def all_lines(self, statement: Statement) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', _rows("statementline", statement), _("All lines of this bill")
        )

    @admin.action(description=_("Reconcile again"), permissions=["reconcile"])
    def reconcile_again(self, request: HttpRequest, queryset: QuerySet[Statement]) -> None:
        """One after the other, the provider asked each time."""
        for statement in queryset.order_by("pk"):
            try:
                done = reconciliation.reconcile(
                    statement.provider, statement.day, account=statement.account
                )
            except REFUSALS as refusal:
                self.message_user(request, f"{statement}: {said_of(refusal)}", messages.ERROR)
                continue
            self.log_change(request, done, str(_("Reconciled again.")))
            self._report(request, done)

    def _report(self, request: HttpRequest, statement: Statement) -> None:
        name = f"{provider_name(statement.provider)} {statement.day}"
        to_do = statement.differences.filter(state=Difference.State.OPEN).count()
        if statement.error:
            self.message_user(request, f"{name}: {statement.error}", messages.ERROR)
        elif to_do:
            said = _("%(name)s: differences to be worked off: %(count)d")
            self.message_user(request, said % {"name": name, "count": to_do}, messages.WARNING)
        else:
            self.message_user(request, f"{name}: {statement.get_state_display()}", messages.SUCCESS)


@admin.register(StatementLine)
class StatementLineAdmin(ReadOnlyAdmin):
    list_display = [
        "out_trade_no",
        "out_request_no",
        "kind",
        "amount",
        "fee",
        "at",
        "status",
        "trade_no",
        "statement",
    ]
    export_columns: ClassVar = []
    list_keyset = True
    list_filter = ["kind", ("statement__provider", ProviderFilter)]
    linked = ("statement",)
    list_select_related = ["statement"]
    search_fields = ["=out_trade_no", "=out_request_no", "=trade_no"]


def _page(model: str, pk: int) -> str:
    return reverse(f"admin:payment_{model}_change", args=[pk])


def _rows(model: str, statement: Statement) -> str:
    return f"{reverse(f'admin:payment_{model}_changelist')}?statement__id__exact={statement.pk}"
