import re
import secrets

from apps.verifications import store
from apps.verifications.exceptions import WrongImageCode
from apps.verifications.services.drawing import draw

# Nothing that another one, turned a little, could be taken for: no 0 O Q, 1 I L, 2 Z, 5 S, 8 B, G, U V.
ALPHABET = "ACDEFHJKMNPRTWXY34679"
LENGTH = 4
IMAGE_CODE_ID = r"[A-Za-z0-9_-]{1,64}"


def draw_image_code(image_code_id: str, *, address: str) -> bytes:
    """A new picture (PNG) under this id, in place of the one that it had; good for 300 s and for one try.

    Raises TooManyRequests when that address has asked for too many.
    """
    store.IMAGES_PER_ADDRESS.spend(address)
    text = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    store.put_image_code(image_code_id, text)
    return draw(text)


def take_image_code(image_code_id: str, text: str) -> None:
    """Use up the picture; raises WrongImageCode unless ``text``, in either case, is what it shows.

    A wrong text uses it up as well, or a machine would try them all on one picture.
    """
    if not re.fullmatch(IMAGE_CODE_ID, image_code_id):
        raise WrongImageCode
    shown = store.take_image_code(image_code_id)
    if shown is None or text.strip().upper() != shown:
        raise WrongImageCode
