from rest_framework import serializers

from apps.contents.models import Content
from apps.goods.serializers import MenuGroupSerializer


class ContentImageSerializer(serializers.Serializer):
    """``url`` is "" where there is no picture; ``sizes`` are addresses by the longest side in pixels."""

    url = serializers.CharField(allow_blank=True)
    sizes = serializers.DictField(child=serializers.CharField())


class ContentSerializer(serializers.ModelSerializer):
    image = ContentImageSerializer()

    class Meta:
        model = Content
        fields = ["id", "title", "url", "image", "image_url", "text"]


class HomePageSerializer(serializers.Serializer):
    """``categories`` is the menu as ``/channels/`` has it; ``contents`` has every place by its key, empty ones too."""

    categories = MenuGroupSerializer(many=True)
    contents = serializers.DictField(child=ContentSerializer(many=True))
