from django.contrib.auth.models import Group
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.Model):
    """Which group a role of ours became, and which permissions it was given: each once.

    What superusers take from a group, rename or delete thus stays as they left it.
    """

    key = models.CharField(_("key"), max_length=20, primary_key=True)
    group = models.OneToOneField(
        Group, on_delete=models.SET_NULL, null=True, related_name="role", verbose_name=_("group")
    )
    given = models.JSONField(_("permissions given"), default=list)

    class Meta:
        default_permissions = ()
        # It goes across all pages, and a permission hangs on some model.
        permissions = [("view_amounts", _("Can see what was paid and refunded"))]
        verbose_name = _("role")
        verbose_name_plural = _("roles")

    def __str__(self) -> str:
        return self.key
