from uuid import uuid4

from apps.core.redis import connection, key
from apps.verifications import services

API = "/api/v1/"


def image_codes(image_code_id: str) -> str:
    return f"{API}image_codes/{image_code_id}/"


def sms_codes(mobile: str) -> str:
    return f"{API}sms_codes/{mobile}/"


def picture() -> str:
    """The id of a new picture."""
    image_code_id = str(uuid4())
    services.draw_image_code(image_code_id, address="9.9.9.9")
    return image_code_id


def shown(image_code_id: str) -> str:
    """What a person reads in the picture, "" if there is none."""
    return (connection("codes").get(key(f"code:image:{image_code_id}")) or b"").decode()
