"""Every night's audit is kept, told and shown."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as shop
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from apps.goods.models import SKU
from apps.payment.models import AuditRun
from apps.payment.selectors import last_audit
from apps.payment.services import audit
from apps.reports.management.commands import audit as command
from apps.users.models import User
from tests.factories import SKUFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def operators_mailboxes(settings: Any) -> None:
    settings.ADMINS = [("boss", "boss@example.com")]


def test_it_adds_up(django_capture_on_commit_callbacks: Any) -> None:
    assert last_audit() is None
    SKUFactory()
    with django_capture_on_commit_callbacks(execute=True):
        call_command("nightly_audit")
    run = last_audit()
    assert run is not None
    assert (run.difference_count, run.differences) == (0, "")
    assert run.duration is not None
    assert run.duration >= timedelta(0)
    assert mail.outbox == []


def test_differences_are_kept_and_mailed(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(audit, "MOST_KEPT", 3)
    monkeypatch.setattr(audit, "MOST_MAILED", 2)
    skus = [SKUFactory() for _ in range(5)]
    SKU.objects.update(stock=7)
    with django_capture_on_commit_callbacks(execute=True):
        call_command("nightly_audit")
    run = last_audit()
    assert run is not None
    said = {
        f"SKU {sku.pk}: opening 10 + movements 0 - sold 0 = 10, but stock is 7 and sales are 0"
        for sku in skus
    }
    kept = run.differences.splitlines()
    assert run.difference_count == 5
    assert len(kept) == 3
    assert set(kept) < said
    (sent,) = mail.outbox
    assert sent.subject == f"{shop.EMAIL_SUBJECT_PREFIX}自查发现 5 处差异"
    assert sent.body.count("SKU ") == 2


def test_one_that_breaks_off_is_not_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("nightly_audit")
    first = last_audit()

    def broken() -> Any:
        raise LookupError

    monkeypatch.setattr(command, "BOOKS", [broken])
    with pytest.raises(LookupError):
        call_command("nightly_audit")
    assert last_audit() == first
    assert AuditRun.objects.filter(finished_at=None).count() == 1


def test_old_ones_are_forgotten() -> None:
    AuditRun.objects.create(started_at=timezone.now() - timedelta(days=401))
    kept = AuditRun.objects.create(started_at=timezone.now() - timedelta(days=399))
    call_command("nightly_audit")
    assert list(AuditRun.objects.order_by("pk"))[:-1] == [kept]


def test_the_admin_shows_it(buyer: User) -> None:
    SKUFactory()
    SKU.objects.update(stock=7)
    call_command("nightly_audit")
    buyer.is_staff = buyer.is_superuser = True
    buyer.save()
    desk = Client()
    desk.force_login(buyer)
    run = AuditRun.objects.get()
    assert "有差异" in desk.get("/admin/payment/auditrun/").content.decode()
    page = f"/admin/payment/auditrun/{run.pk}/change/"
    assert "but stock is 7" in desk.get(page).content.decode()
    assert desk.post(page, {"difference_count": 0}).status_code == 403
    assert (
        desk.post(f"/admin/payment/auditrun/{run.pk}/delete/", {"post": "yes"}).status_code == 403
    )


def test_beat_runs_it_at_night() -> None:
    (entry,) = [it for it in shop.CELERY_BEAT_SCHEDULE.values() if it["args"] == ["nightly_audit"]]
    assert entry["schedule"].hour == {3}


class TestMissing:
    """An audit that is killed, hangs, or never begins says nothing itself."""

    @pytest.mark.parametrize(
        ("hours", "is_finished", "mails"),
        [(25, True, 0), (27, True, 1), (1, False, 1), (None, False, 1)],
        ids=["last night's", "two nights ago", "broke off", "never"],
    )
    def test_who_looks_after_the_shop_is_told(
        self,
        hours: int | None,
        is_finished: bool,
        mails: int,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        if hours:
            at = timezone.now() - timedelta(hours=hours)
            AuditRun.objects.create(started_at=at, finished_at=at if is_finished else None)
        with django_capture_on_commit_callbacks(execute=True):
            call_command("miss_audit")
        assert [told.to for told in mail.outbox] == [["boss@example.com"]] * mails

    def test_beat_looks_every_day(self) -> None:
        (entry,) = [it for it in shop.CELERY_BEAT_SCHEDULE.values() if it["args"] == ["miss_audit"]]
        assert entry["schedule"].minute == {30}
        assert entry["schedule"].hour == {5}
