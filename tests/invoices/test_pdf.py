"""An issued invoice's PDF is had by its owner, for five minutes at a time, and by nobody else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core import signing
from django.core.files.storage import default_storage, storages
from rest_framework.test import APIClient

from apps.invoices.models import Invoice
from apps.invoices.services import attach_pdf, links
from apps.users.models import User
from meiduo import media
from tests.conftest import logged_in
from tests.invoices.conftest import NUMBER, pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def issued(requested: Invoice, issue: Callable) -> Invoice:
    return issue(requested, pdf=pdf())


@pytest.fixture
def link(issued: Invoice, shop: APIClient) -> str:
    answer = shop.get(f"/api/v1/orders/{issued.order_id}/invoice/").json()
    address: str = answer["invoice"]["pdf_url"]
    assert address.startswith(f"{settings.SITE_URL}/api/v1/invoices/pdf/")
    return address


def test_it_is_saved_by_a_browser_without_a_token(link: str, api: APIClient) -> None:
    answer = api.get(link)
    assert b"".join(answer.streaming_content) == b"%PDF-1.7\n...\n%%EOF\n"  # type: ignore[attr-defined]
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="{NUMBER}.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"


def test_the_address_ends(link: str, api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "SECONDS", -1)
    answer = api.get(link)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "forge",
    [
        lambda _: "x",
        lambda _: "1:2:3",
        lambda _: "%00",
        lambda _: "e" * 3000,
        lambda it: signing.dumps([it.pk, it.pdf.name]),
        lambda it: signing.dumps([it.pk, it.pdf.name], key="another", salt=links.SALT),
        lambda it: signing.dumps([it.pk + 1, it.pdf.name], salt=links.SALT),
    ],
    ids=["word", "colons", "zero", "long", "another salt", "another key", "another invoice"],
)
def test_a_forged_one_leads_nowhere(forge: Callable, issued: Invoice, api: APIClient) -> None:
    assert api.get(f"/api/v1/invoices/pdf/{forge(issued)}/").status_code == 404


def test_a_replaced_pdf_has_another_address(
    link: str, issued: Invoice, api: APIClient, operator: User
) -> None:
    attach_pdf(issued.pk, pdf(), by=operator)
    assert api.get(link).status_code == 404


def test_a_stranger_is_given_no_address(issued: Invoice, stranger: User) -> None:
    path = f"/api/v1/orders/{issued.order_id}/invoice/"
    assert logged_in(stranger).get(path).status_code == 404


def test_it_does_not_lie_among_the_pictures(issued: Invoice, api: APIClient) -> None:
    assert not default_storage.exists(issued.pdf.name)
    assert storages["private"].exists(issued.pdf.name)
    assert api.get(f"/media/{issued.pdf.name}").status_code == 404
    assert (settings.PRIVATE_ROOT / issued.pdf.name).stat().st_mode & 0o077 == 0


def test_in_a_bucket_of_its_own(tmp_path: Path) -> None:
    s3 = {
        "bucket_name": "pictures",
        "access_key": "",
        "default_acl": "public-read",
        "querystring_auth": False,
    }
    options = media.private_storage("papers", s3=s3, directory=tmp_path)["OPTIONS"]
    assert options["bucket_name"] == "papers"
    assert options["querystring_auth"] is True
    assert options["object_parameters"] == {"CacheControl": "private, no-store"}
    assert options.keys() & {"custom_domain", "default_acl", "access_key"} == set()
