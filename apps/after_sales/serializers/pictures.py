from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.after_sales.models import AfterSalePicture
from apps.core.fields import PictureUploadField
from apps.core.pictures import SIDES

LARGEST_ID = 2**63 - 1


class PictureIdsField(serializers.ListField):
    """Ids of one's own uploads, each once."""

    child = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=AfterSalePicture.MOST, **kwargs)

    def to_internal_value(self, data: Any) -> list[int]:
        ids: list[int] = super().to_internal_value(data)
        if len(set(ids)) < len(ids):
            raise serializers.ValidationError(_("A picture is named twice."))
        return ids


class AfterSalePictureSerializer(serializers.ModelSerializer):
    """``url`` and ``sizes`` (by longest side in pixels) are answered to its buyer only, with his token."""

    image = PictureUploadField(write_only=True)
    url = serializers.SerializerMethodField()
    sizes = serializers.SerializerMethodField()

    class Meta:
        model = AfterSalePicture
        fields = ["id", "image", "url", "sizes"]

    def get_url(self, picture: AfterSalePicture) -> str:
        return reverse("after-sale-picture", args=[picture.pk])

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
    def get_sizes(self, picture: AfterSalePicture) -> dict[str, str]:
        return {str(side): f"{self.get_url(picture)}?side={side}" for side in SIDES}


class AddPicturesSerializer(serializers.Serializer):
    pictures = PictureIdsField(min_length=1)
