from django.db import models
from django.utils.translation import gettext_lazy as _


class TimestampedModel(models.Model):
    create_time = models.DateTimeField(_("created"), auto_now_add=True)
    update_time = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        abstract = True
