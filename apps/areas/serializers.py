from rest_framework import serializers

from apps.areas.models import Area


class AreaSerializer(serializers.ModelSerializer):
    class Meta:
        model = Area
        fields = ["id", "name"]


class AreaWithSubsSerializer(AreaSerializer):
    subs = AreaSerializer(many=True)

    class Meta(AreaSerializer.Meta):
        fields = ["id", "name", "subs"]
