from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.goods.models import SKU
from apps.users.models.account import User


class Favourite(models.Model):
    """A SKU that a buyer wants to find again. It stays when the SKU is withdrawn, which may come back."""

    LIMIT = 200

    user = models.ForeignKey(
        User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="favourites"
    )
    sku = models.ForeignKey(
        SKU, verbose_name=_("SKU"), on_delete=models.CASCADE, related_name="favourites"
    )
    create_time = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("favourite")
        verbose_name_plural = _("favourites")
        ordering = ["-create_time", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "sku"], name="one_favourite_per_user_and_sku"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.sku}"
