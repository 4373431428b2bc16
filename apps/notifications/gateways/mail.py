from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage

from apps.notifications.exceptions import Undelivered


def send(message_id: str, address: str, *, title: str, text: str) -> str:
    """Mail it; sent again, it has the same Message-ID, by which mailboxes know it."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ") or "localhost"
    headers = {"Message-ID": f"<{message_id}@{domain}>"}
    mail = EmailMessage(title, text, None, [address], headers=headers)
    try:
        mail.send()
    except SMTPRecipientsRefused as exc:
        raise Undelivered("The mail server refuses the receiver.") from exc
    except OSError as exc:  # smtplib's errors are some, too
        raise Undelivered(f"Mail: {type(exc).__name__}", is_down=True) from exc
    return ""
