from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import TimestampedModel
from apps.core.pictures import PictureField
from apps.goods.models.reviewed import Reviewed, ReviewedQuerySet


class Category(TimestampedModel):
    """One of three levels; SKUs stand in the third."""

    LEVELS = 3

    name = models.CharField(_("name"), max_length=20)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent category"),
        on_delete=models.PROTECT,
        related_name="subs",
        null=True,
        blank=True,
    )
    sequence = models.PositiveSmallIntegerField(_("sequence"), default=100)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["sequence", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> list["Category"]:
        """From the first level down to this one. Select ``parent__parent`` beforehand."""
        return [*(self.parent.path if self.parent else []), self]

    def clean(self) -> None:
        seen: set[int | None] = {self.pk} if self.pk else set()
        above, level = self.parent, 1
        while above is not None:
            if above.pk in seen:
                raise ValidationError({"parent": _("A category cannot stand below itself.")})
            seen.add(above.pk)
            above, level = above.parent, level + 1
        if level + self._levels_below() > self.LEVELS:
            raise ValidationError({"parent": _("There are only three levels of categories.")})

    def _levels_below(self) -> int:
        """How many levels of subcategories hang on this one: they move with it."""
        levels, here = 0, [self.pk] if self.pk else []
        others = Category.objects.exclude(pk=self.pk)
        while here := list(others.filter(parent__in=here).values_list("pk", flat=True)):
            levels += 1
        return levels


class Channel(TimestampedModel):
    """A first-level category's entry in the storefront's menu; channels of one group share a line."""

    group_id = models.PositiveSmallIntegerField(_("group"))
    category = models.OneToOneField(
        Category, verbose_name=_("category"), on_delete=models.CASCADE, related_name="channel"
    )
    url = models.CharField(_("page address"), max_length=200, blank=True)
    sequence = models.PositiveSmallIntegerField(_("sequence"), default=100)

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering = ["group_id", "sequence", "id"]

    def __str__(self) -> str:
        return self.category.name


class Brand(TimestampedModel):
    name = models.CharField(_("name"), max_length=20, unique=True)
    logo = PictureField(_("logo"), upload_to="brands/", blank=True)
    first_letter = models.CharField(_("first letter"), max_length=1)

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        ordering = ["first_letter", "id"]

    def __str__(self) -> str:
        return self.name


class GoodsQuerySet(ReviewedQuerySet["Goods"]):
    pass


class Goods(TimestampedModel, Reviewed):
    """An SPU: what a buyer calls a product. What is sold are its SKUs, and their reviews are its own."""

    name = models.CharField(_("name"), max_length=50)
    brand = models.ForeignKey(
        Brand, verbose_name=_("brand"), on_delete=models.PROTECT, related_name="goods"
    )
    category = models.ForeignKey(
        Category, verbose_name=_("category"), on_delete=models.PROTECT, related_name="goods"
    )
    desc_detail = models.TextField(_("description"), blank=True)
    desc_pack = models.TextField(_("packing list"), blank=True)
    desc_service = models.TextField(_("after-sales service"), blank=True)

    objects = GoodsQuerySet.as_manager()

    class Meta:
        verbose_name = _("goods (SPU)")
        verbose_name_plural = _("goods (SPU)")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.category_id and len(self.category.path) < Category.LEVELS:
            raise ValidationError({"category": _("Goods stand in a category of the third level.")})
