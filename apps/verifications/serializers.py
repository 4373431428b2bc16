from rest_framework import serializers

from apps.verifications.services import IMAGE_CODE_ID


class ImageAnswerSerializer(serializers.Serializer):
    """What somebody read in the picture."""

    text = serializers.CharField(max_length=20, help_text="The four characters, in either case.")
    image_code_id = serializers.RegexField(rf"\A{IMAGE_CODE_ID}\Z")


class TicketSerializer(serializers.Serializer):
    access_token = serializers.CharField(
        max_length=200, help_text="From `/accounts/<account>/sms/token/`."
    )
