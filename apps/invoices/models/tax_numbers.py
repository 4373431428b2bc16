"""Numbers under which the tax office knows a buyer, and their check characters.

Two kinds are accepted on a company's invoice title (纳税人识别号):

- the unified social credit code (统一社会信用代码), 18 characters: GB 32100-2015, whose characters 9 to 17 are an
  organisation code (组织机构代码) with a check character of its own: GB 11714-1997;
- the number of an identity card (公民身份号码), 18 characters: GB 11643-1999, by ISO 7064 MOD 11-2. Sole traders
  (个体工商户) who never changed their licence pay taxes under it.

Not accepted: numbers of 15 or 20 characters, which ended with 2017 when licences without the unified code did; and the
few codes of the trial in Fujian in 2015, which do not follow the standard that came after them.
"""

import re
import unicodedata
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Of GB 32100: without I, O, Z, S and V. A character's place is its value."""
CREDIT_CODE = re.compile(rf"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{8}}[0-9X][{ALPHABET}]")
IDENTITY_NUMBER = re.compile(r"[1-9][0-9]{5}(?P<born>[0-9]{8})[0-9]{3}[0-9X]")
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def clean_tax_number(text: str) -> str:
    """The number as it is kept: half-width, upper case, without spaces and hyphens. Raises ValidationError."""
    number = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()
    if not (is_credit_code(number) or is_identity_number(number)):
        raise ValidationError(
            _("This is no valid tax number: a character of it may be mistyped."), "tax_number"
        )
    return number


def is_credit_code(number: str) -> bool:
    """Whether both check characters of a unified social credit code are right."""
    if not CREDIT_CODE.fullmatch(number):
        return False
    organisation = number[8:17]
    return number[17] == credit_check(number[:17]) and organisation[8] == organisation_check(
        organisation[:8]
    )


def is_identity_number(number: str) -> bool:
    """Whether it names a day and its check character is right."""
    matched = IDENTITY_NUMBER.fullmatch(number)
    if matched is None:
        return False
    try:
        date.fromisoformat(matched["born"])
    except ValueError:
        return False
    return number[17] == identity_check(number[:17])


def credit_check(seventeen: str) -> str:
    """GB 32100: weights are the powers of 3, modulo 31."""
    total = sum(ALPHABET.index(each) * 3**place for place, each in enumerate(seventeen))
    return ALPHABET[-total % 31]


def organisation_check(eight: str) -> str:
    """GB 11714: letters count from A = 10 on, all of them; modulo 11, where ten is X."""
    total = sum(
        int(each, 36) * weight for each, weight in zip(eight, ORGANISATION_WEIGHTS, strict=True)
    )
    return "0123456789X"[-total % 11]


def identity_check(seventeen: str) -> str:
    """ISO 7064 MOD 11-2, which is pure: the whole number, weighted with powers of 2 from the right, leaves 1."""
    total = sum(int(each) * 2 ** (17 - place) for place, each in enumerate(seventeen))
    return "0123456789X"[(1 - total) % 11]
