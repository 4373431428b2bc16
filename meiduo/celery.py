import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meiduo.settings.dev")
# Celery would run Django's checks and drop what they say. They import every view, 100 MB in every process.
os.environ.update(CELERY_SKIP_CHECKS="1")

app = Celery("meiduo")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
