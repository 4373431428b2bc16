from celery import shared_task
from django.core.mail import mail_admins


@shared_task(autoretry_for=(OSError,), retry_backoff=True, max_retries=5)
def alert_operators(subject: str, message: str) -> None:
    """Mail everybody in ``ADMINS``."""
    mail_admins(subject, message)
