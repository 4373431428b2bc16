from datetime import datetime

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import TimestampedModel
from apps.core.pictures import PictureField

# Neither another scheme, such as javascript:, nor //elsewhere, which browsers also read out of /\elsewhere.
validate_link = RegexValidator(
    r"(?i)\A(?:https?://[^\s\\/?#]|/(?![/\\]))[^\s\\]*\Z",
    _("This must be an address that starts with http://, https:// or a single /."),
    "link",
)


class ContentCategory(TimestampedModel):
    """A place on the home page, which the storefront finds by ``key``."""

    name = models.CharField(_("name"), max_length=50)
    key = models.SlugField(_("key"), max_length=50, unique=True)

    class Meta:
        verbose_name = _("home-page place")
        verbose_name_plural = _("home-page places")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class ContentQuerySet(models.QuerySet["Content"]):
    def live(self, at: datetime) -> "ContentQuerySet":
        """What the home page shows at that moment."""
        started = Q(start_time=None) | Q(start_time__lte=at)
        return self.not_over(at).filter(started)

    def coming(self, at: datetime) -> "ContentQuerySet":
        return self.filter(status=True, start_time__gt=at)

    def not_over(self, at: datetime) -> "ContentQuerySet":
        return self.filter(Q(end_time=None) | Q(end_time__gt=at), status=True)

    def over(self, at: datetime) -> "ContentQuerySet":
        return self.filter(status=True, end_time__lte=at)


class Content(TimestampedModel):
    """Something in a place of the home page; shown while ``status`` is on, from ``start_time`` until ``end_time``."""

    category = models.ForeignKey(
        ContentCategory,
        verbose_name=_("home-page place"),
        on_delete=models.PROTECT,
        related_name="contents",
    )
    title = models.CharField(_("headline"), max_length=100)
    url = models.CharField(
        _("link"),
        max_length=300,
        blank=True,
        validators=[validate_link],
        help_text=_("For example /goods/1.html or https://example.com/"),
    )
    image = PictureField(_("image"), upload_to="contents/", blank=True)
    text = models.TextField(_("text"), blank=True)
    sequence = models.PositiveSmallIntegerField(_("sequence"), default=100)
    status = models.BooleanField(_("shown"), default=True)
    start_time = models.DateTimeField(_("shown from"), null=True, blank=True)
    end_time = models.DateTimeField(_("shown until"), null=True, blank=True)

    objects = ContentQuerySet.as_manager()

    class Meta:
        verbose_name = _("home-page content")
        verbose_name_plural = _("home-page contents")
        ordering = ["category_id", "sequence", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end_time__gt=F("start_time")),
                name="content_ends_after_its_start",
                violation_error_message=_("The end must be after the start."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def image_url(self) -> str:
        """The address of the image, "" without one."""
        return self.image.url if self.image else ""

    def is_live(self, at: datetime) -> bool:
        """Whether the home page shows it at that moment."""
        has_begun = self.start_time is None or self.start_time <= at
        return self.status and has_begun and (self.end_time is None or at < self.end_time)
