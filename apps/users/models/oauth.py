from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import ExactCharField, TimestampedModel
from apps.users.models.account import User


class Provider(models.TextChoices):
    QQ = "qq", _("QQ")
    WECHAT = "wechat", _("WeChat")
    WEIBO = "weibo", _("Weibo")


class OAuthAccountQuerySet(models.QuerySet["OAuthAccount"]):
    def of_identity(self, provider: str, openid: str) -> "OAuthAccount | None":
        """Whose identity this is, with the user."""
        return self.select_related("user").filter(provider=provider, openid=openid).first()


class OAuthAccount(TimestampedModel):
    """Who somebody is at QQ, WeChat or Weibo: they sign in with it instead of a password.

    ``openid`` is theirs for our application, ``unionid`` (WeChat) for all applications of the same merchant.
    """

    user = models.ForeignKey(
        User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="oauth_accounts"
    )
    provider = models.CharField(_("login provider"), max_length=10, choices=Provider.choices)
    openid = ExactCharField(_("openid"), max_length=64)
    unionid = models.CharField(_("unionid"), max_length=64, blank=True)

    objects = OAuthAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "openid"], name="oauth_one_user_per_openid"
            ),
            models.UniqueConstraint(fields=["user", "provider"], name="oauth_one_openid_per_user"),
        ]

    def __str__(self) -> str:
        return f"{self.get_provider_display()} {self.user_id}"
