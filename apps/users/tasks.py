from celery import shared_task
from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext as _
from django.utils.translation import override


@shared_task(
    name="users.send_verification_mail",
    autoretry_for=(OSError,),  # smtplib's errors are some, too
    retry_backoff=True,
    max_retries=5,
)
def send_verification_mail(email: str, link: str, language: str) -> None:
    """Mail the link that verifies this address, in the language in which it was asked for; try again for a minute."""
    with override(language):
        subject = _("Verify your e-mail address")
        text = _(
            "Someone, probably you, entered this e-mail address at %(shop)s. Open this link within 24 hours "
            "to verify it:\n\n%(link)s\n\nIf it was not you, there is nothing to do."
        )
        send_mail(subject, text % {"shop": settings.SHOP_NAME, "link": link}, None, [email])
