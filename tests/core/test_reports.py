"""No password leaves in an error mail, nor is any shown on a debug page."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import RequestFactory

from apps.core.reports import Reporter
from tests.docs.variables import variables

# What an error mail (text) and a debug page (HTML) say of a request that fails.
REPORT = """
import os, sys
from types import SimpleNamespace
from django.conf import settings
from django.test import RequestFactory
settings.ALLOWED_HOSTS, settings.USE_I18N = ["*"], False  # translations need every app
from django.views.debug import get_exception_reporter_class
request = RequestFactory().get("/api/v1/skus/?access_token=S3CRET-token&page=1")
request.META |= os.environ
request.resolver_match = SimpleNamespace(_func_path="skus")  # so do the URLs
try:
    local = settings.REDIS_URL
    connecting = [{"host": "shown", "password": "S3CRET-local"}]
    raise ConnectionError(f"no way to {local}, nor {settings.SEARCH_URL}.")
except ConnectionError:
    reporter = get_exception_reporter_class(request)(request, *sys.exc_info(), is_email=True)
print(reporter.get_traceback_text(), reporter.get_traceback_html())
"""
SCHEMES = {
    "DATABASE_URL": "mysql",
    "EMAIL_URL": "smtp+tls",
    "REDIS_URL": "redis",
    "CELERY_BROKER_URL": "amqp",
}
PLAIN = [
    "ALIYUN_SMS_ACCESS_KEY_SECRET",
    "S3_SECRET_ACCESS_KEY",
    "WECHATPAY_APIV3_KEY",
    "SECRET_KEY",
]


@pytest.mark.parametrize("kind", ["prod", "dev"])
def test_no_setting_gives_its_password_away(kind: str, tmp_path: Path) -> None:
    addresses = [name for name in variables() if name.endswith("_URL")]
    assert {"CACHE_REDIS_URL", "CART_REDIS_URL", "SEARCH_URL", *SCHEMES} <= set(addresses)
    secrets = {name: f"S3CRET-{name}" for name in PLAIN}
    for name in addresses:
        secrets[name] = f"{SCHEMES.get(name, 'https')}://user:S3CRET-{name}@host:1234/9"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": f"meiduo.settings.{kind}", **secrets}
    done = subprocess.run(
        [sys.executable, "-c", REPORT],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "no way to redis://********************@host:1234/9, nor https://" in done.stdout
    assert "SEARCH_URL" in done.stdout
    assert "page" in done.stdout
    assert "shown" in done.stdout
    assert "S3CRET" not in done.stdout


def test_an_error_mail_tells_of_a_form_and_of_cookies_the_names_only(rf: RequestFactory) -> None:
    names = ["password", "sms_code", "mobile"]
    rf.cookies["cart"] = "S3CRET-cart"
    request = rf.post("/api/v1/users/", {name: f"S3CRET-{name}" for name in names})
    text = Reporter(request, ValueError, ValueError("no way"), None).get_traceback_text()
    for name in [*names, "cart"]:
        assert f"{name} = " in text
    assert "S3CRET" not in text
