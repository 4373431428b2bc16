from rest_framework import serializers


class EmailSerializer(serializers.Serializer):
    id = serializers.IntegerField(read_only=True)
    email = serializers.EmailField(max_length=254)


class VerificationSerializer(serializers.Serializer):
    token = serializers.CharField(max_length=1000)
