from typing import ClassVar, cast

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.forms import CharField, ModelForm, Textarea
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core.admin import DayRangeFilter, ShopAdmin
from apps.core.admin.history import recorded
from apps.core.pictures import urls
from apps.orders import services
from apps.orders.models import Review
from apps.users.models import User


class ReviewForm(ModelForm):
    reply = CharField(
        label=_("reply of the shop"),
        max_length=Review.MAX_LENGTH,
        required=False,
        widget=Textarea(attrs={"rows": 4}),
    )

    class Meta:
        model = Review
        fields = ["reply"]


@admin.register(Review)
class ReviewAdmin(ShopAdmin):
    """The shop shows, hides and answers; what a buyer wrote nobody changes."""

    form = ReviewForm
    list_display = [
        "id",
        "stars",
        "beginning",
        "status",
        "is_answered",
        "create_time",
        "sku",
    ]
    list_display_links = ["id", "beginning"]
    export_columns: ClassVar = ["sku_id", "line__order_id", "comment", "reply", "replied_at"]
    export_without: ClassVar = ["beginning"]
    list_select_related = ["sku"]
    list_keyset = True
    list_filter = [
        "status",
        "score",
        ("reply", admin.EmptyFieldListFilter),
        ("create_time", DayRangeFilter),
    ]
    search_fields = ["=id", "=sku__id", "=line__order__order_id", "=user__username", "comment"]
    search_whole_first = True
    fields = [
        "line_of_order",
        "sku",
        "user",
        "is_anonymous",
        "create_time",
        "stars",
        "comment",
        "pictures",
        "status",
        "moderator",
        "moderated_at",
        "reply",
        "replier",
        "replied_at",
    ]
    actions = ["show", "hide"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [str(field) for field in self.fields if field != "reply"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Review, form: ModelForm, change: bool) -> None:
        if "reply" in form.changed_data:
            with recorded(Review.objects.filter(pk=obj.pk), "reply", "replier"):
                services.reply_to_review(obj.pk, obj.reply, by=_operator(request))

    @admin.display(description=_("score"), ordering="score")
    def stars(self, review: Review) -> str:
        return review.get_score_display()

    @admin.display(description=_("comment"))
    def beginning(self, review: Review) -> str:
        return review.comment if len(review.comment) <= 40 else f"{review.comment[:40]}…"

    @admin.display(description=_("answered"), boolean=True)
    def is_answered(self, review: Review) -> bool:
        return bool(review.reply)

    @admin.display(description=_("order line"))
    def line_of_order(self, review: Review) -> str:
        return f"{review.line.order_id}: {review.line}"

    @admin.display(description=_("pictures"))
    def pictures(self, review: Review) -> SafeString | str:
        shown = format_html_join(
            " ",
            '<a href="{}"><img src="{}" style="height:96px" loading="lazy" alt=""></a>',
            ((each.image.url, urls(str(each.image))["240"]) for each in review.images.all()),
        )
        return shown or "–"

    @admin.action(description=_("Show"), permissions=["change"])
    def show(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        with recorded(queryset, "status", "moderator"):
            shown = services.show_reviews(_ids(queryset), by=_operator(request))
        said = ngettext("%(count)d review is shown.", "%(count)d reviews are shown.", shown)
        self.message_user(request, said % {"count": shown}, messages.SUCCESS)

    @admin.action(description=_("Hide"), permissions=["change"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        with recorded(queryset, "status", "moderator"):
            hidden = services.hide_reviews(_ids(queryset), by=_operator(request))
        said = ngettext("%(count)d review is hidden.", "%(count)d reviews are hidden.", hidden)
        self.message_user(request, said % {"count": hidden}, messages.SUCCESS)


def _operator(request: HttpRequest) -> User:
    return cast("User", request.user)  # nobody is anonymous in the admin


def _ids(reviews: QuerySet[Review]) -> list[int]:
    return list(reviews.order_by("pk").values_list("pk", flat=True))
