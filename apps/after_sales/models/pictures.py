from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.after_sales.models.after_sales import AfterSale
from apps.core.pictures import PictureField
from apps.core.private_files import private_storage
from apps.core.uploads import UploadQuerySet


class AfterSalePictureQuerySet(UploadQuerySet):
    shown_by = "after_sale"


class AfterSalePicture(models.Model):
    """What a buyer shows of what he asks about: uploaded first, without a request, and only for a day.

    Private: it may show his home. Nobody but he and who may look at after-sale requests sees it.
    """

    MOST = 6

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("buyer"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    after_sale = models.ForeignKey(
        AfterSale,
        verbose_name=_("after-sale request"),
        on_delete=models.PROTECT,
        related_name="pictures",
        null=True,
    )
    image = PictureField(_("image"), upload_to="after-sales/%Y/%m/", storage=private_storage)
    sequence = models.PositiveSmallIntegerField(_("sequence"), default=0)
    create_time = models.DateTimeField(_("created"), auto_now_add=True)

    objects = AfterSalePictureQuerySet.as_manager()

    class Meta:
        verbose_name = _("picture of an after-sale request")
        verbose_name_plural = _("pictures of after-sale requests")
        ordering = ["sequence", "id"]
        indexes = [
            models.Index(fields=["after_sale", "create_time"], name="after_sale_picture_age")
        ]

    def __str__(self) -> str:
        return self.image.name or ""
