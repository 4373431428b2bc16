from celery import shared_task
from django.core.mail import send_mail


@shared_task(
    name="operators.mail_operator",
    autoretry_for=(OSError,),  # smtplib's errors are some, too
    retry_backoff=True,
    max_retries=5,
)
def mail_operator(email: str, subject: str, text: str) -> None:
    """Mail an operator something about his way in; try again for a minute."""
    send_mail(subject, text, None, [email])
