from apps.verifications.models import Purpose
from apps.verifications.services.image_codes import (
    IMAGE_CODE_ID,
    draw_image_code,
    take_image_code,
)
from apps.verifications.services.sms_codes import (
    issue_sms_ticket,
    send_reset_code,
    send_sign_up_code,
    send_sms_code,
    take_sms_code,
)

__all__ = [
    "IMAGE_CODE_ID",
    "Purpose",
    "draw_image_code",
    "issue_sms_ticket",
    "send_reset_code",
    "send_sign_up_code",
    "send_sms_code",
    "take_image_code",
    "take_sms_code",
]
