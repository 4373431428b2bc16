import re
import secrets

from kombu.exceptions import OperationalError

from apps.core.exceptions import Unavailable
from apps.verifications import store
from apps.verifications.exceptions import WrongSMSCode, WrongSMSTicket
from apps.verifications.models import Purpose
from apps.verifications.services.image_codes import take_image_code
from apps.verifications.tasks import deliver_sms_code


def send_sign_up_code(mobile: str, *, image_code_id: str, text: str, address: str) -> None:
    """Send a code for registration (or binding) to whoever read the picture.

    Raises TooManyRequests before the picture is used up: who asks a minute later still has it. Raises WrongImageCode.
    """
    _check_limits(mobile, address)
    take_image_code(image_code_id, text)
    send_sms_code(mobile, purpose=Purpose.SIGN_UP, address=address)


def issue_sms_ticket(mobile: str) -> str:
    """A token that lets its bearer have a code for a new password sent to the mobile, for 600 s.

    Call it once the image code was right. It may be used again within its time: the limits hold all the same.
    """
    return store.put_ticket(mobile)


def send_reset_code(ticket: str, *, address: str) -> None:
    """Send a code for a new password to the mobile of the ticket; raises WrongSMSTicket, TooManyRequests."""
    mobile = store.mobile_of_ticket(ticket) if ticket.isascii() else None
    if mobile is None:
        raise WrongSMSTicket
    _check_limits(mobile, address)
    send_sms_code(mobile, purpose=Purpose.RESET, address=address)


def send_sms_code(mobile: str, *, purpose: Purpose, address: str) -> None:
    """Send six new digits to the mobile, good for 300 s and this purpose; they replace those sent before.

    ``address`` is who asks. Raises TooManyRequests: a mobile gets one SMS per 60 s and ten a day. Two requests at once
    are one SMS, because each limit is counted and compared in one step. Raises Unavailable if no job can be queued.
    """
    store.SMS_PER_ADDRESS.spend(address)
    store.SMS_PER_MOBILE.spend(mobile)
    store.SMS_PER_MOBILE_AND_DAY.spend(mobile)
    store.put_sms_code(mobile, f"{secrets.randbelow(10**6):06d}", purpose=purpose)
    try:
        # Not on commit: what the task needs lies in Redis already, and no row decides whether it should.
        deliver_sms_code.delay(mobile, purpose)
    except OperationalError as exc:
        store.allow_sms_again(mobile)
        raise Unavailable from exc


def take_sms_code(mobile: str, code: str, *, purpose: Purpose) -> None:
    """Use up the code; raises WrongSMSCode unless it is the last one sent to this mobile for this purpose.

    The fifth wrong one makes it worthless, so that a sixth try fails even if it is right.
    """
    if not re.fullmatch("[0-9]{6}", code) or not store.take_sms_code(mobile, code, purpose=purpose):
        raise WrongSMSCode


def _check_limits(mobile: str, address: str) -> None:
    """Refuse early and count nothing; ``send_sms_code`` counts, and decides when several ask at once."""
    store.SMS_PER_ADDRESS.check(address)
    store.SMS_PER_MOBILE.check(mobile)
    store.SMS_PER_MOBILE_AND_DAY.check(mobile)
