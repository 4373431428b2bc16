"""The first page of the back office: what each role sees there, and what is read for it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.store import note_end
from apps.orders.models import OrderInfo, Status
from apps.payment.models import AuditRun
from apps.reports import services
from apps.reports.admin.dashboard import BLOCKS
from apps.reports.models import BestCategory, BestSKU, DayFigures, SKUSales
from apps.reports.selectors import job_health, last_days
from tests.factories import OrderInfoFactory, SKUFactory, UserFactory
from tests.operators.conftest import HOME
from tests.operators.conftest import desk_of as desk_of

pytestmark = pytest.mark.django_db

COMMANDS = [entry["args"][0] for entry in settings.CELERY_BEAT_SCHEDULE.values()]
ROLE_NAMES = ["service", "warehouse", "finance", "catalogue", "manager"]
# What each role sees of the page, in that order.
SEES = {
    #                                   客服 仓库 财务 商品 管理员
    "待发货订单":                          "x x x - x",
    "10 分钟内将超时的未付款订单":             "x x x - x",
    "处理中的售后":                         "x x x - x",
    "待开发票":                            "x - x - x",
    "库存不足的 SKU":                      "x x x x x",
    "对账差异":                            "- - x - x",
    "未送达的消息":                         "x - - - x",
    "每日订单数":                           "- - x - x",
    "每日实收（元）":                        "- - x - x",
    "12,345.67":                         "- - x - x",
    "畅销 SKU":                           "- - x x x",
    "畅销分类":                            "- - x x x",
    "最近一次审计":                         "- - x - x",
    "所有定时任务按时运行。":                  "- - x - x",
}  # fmt: skip
# The tables that a block reads, and the lines above that show it.
READS = {
    "reports_dayfigures": "每日订单数",
    "reports_bestsku": "畅销 SKU",
    "reports_bestcategory": "畅销分类",
    "orders_orderinfo": "待发货订单",
    "after_sales_aftersale": "处理中的售后",
    "invoices_invoice": "待开发票",
    "goods_sku": "库存不足的 SKU",
    "payment_difference": "对账差异",
    "payment_auditrun": "最近一次审计",
    "notifications_message": "未送达的消息",
}


@pytest.fixture
def shop() -> None:
    """A day's figures, something sold, and jobs that run."""
    sku = SKUFactory()
    today = last_days(1)[0]
    DayFigures.objects.create(day=today, orders=3, paid_orders=2, paid_amount=Decimal("12345.67"))
    SKUSales.objects.create(day=today, sku=sku, pieces=2, amount=Decimal("9876.54"))
    services.rank_best_sellers(last=today)
    now = timezone.now()
    AuditRun.objects.create(started_at=now, finished_at=now)
    for command in COMMANDS:
        note_end(command, schedule=COMMANDS)


def looked(desk: Client, **asked: Any) -> tuple[str, list[str]]:
    with CaptureQueriesContext(connection) as captured:
        answer = desk.get(HOME, asked, headers={"accept-language": "zh-hans"})
    assert answer.status_code == 200
    return answer.content.decode(), [each["sql"] for each in captured]


@pytest.mark.parametrize("role", ROLE_NAMES)
def test_who_sees_and_reads_what(role: str, desk_of: Callable[[str], Client], shop: None) -> None:
    column = ROLE_NAMES.index(role)
    html, queries = looked(desk_of(role))
    page = html[html.index('class="dashboard"') :]
    seen = {text: text in page for text in SEES}
    assert seen == {text: line.split()[column] == "x" for text, line in SEES.items()}
    for table, text in READS.items():
        read = any(f"{table}" in sql.replace(f"{table}s", "") for sql in queries)
        assert read is seen[text], table
    assert ("9,876.54" in page) is (role in {"finance", "manager"})
    assert ("元" in page) is (role in {"finance", "manager"})


def test_somebody_without_rights_sees_and_costs_nothing(shop: None) -> None:
    desk = Client()
    desk.force_login(UserFactory(is_staff=True))
    html, queries = looked(desk)
    assert "这里没有您的角色可看的内容" in html
    assert not [sql for sql in queries for table in READS if f'"{table}"' in sql]


def test_the_page_costs_the_same_however_much_there_is(
    desk_of: Callable[[str], Client], shop: None
) -> None:
    desk = desk_of("manager")
    looked(desk)
    few = len(looked(desk)[1])
    for _ in range(4):
        OrderInfoFactory(status=Status.UNSEND)
        SKUSales.objects.create(day=last_days(1)[0], sku=SKUFactory(), pieces=1, amount=1)
    services.rank_best_sellers(last=last_days(1)[0])
    html, queries = looked(desk)
    assert len(queries) == few <= 24
    assert BestSKU.objects.filter(days=7).count() == 5


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_empty_shop(desk_of: Callable[[str], Client], language: str) -> None:
    answer = desk_of("manager").get(HOME, headers={"accept-language": language})
    html = answer.content.decode()
    assert ("什么也没有卖出" in html, "Nothing was sold" in html) == (
        language != "en",
        language == "en",
    )
    assert "None" not in html[html.index('class="dashboard"') :]


def test_each_number_leads_to_its_rows(desk_of: Callable[[str], Client]) -> None:
    desk = desk_of("manager")
    now = timezone.now()
    for minutes in (5, 15):
        order = OrderInfoFactory(status=Status.UNPAID)
        expires_at = now + timedelta(minutes=minutes)
        OrderInfo.objects.filter(pk=order.pk).update(expires_at=expires_at)
    tiles = {str(each["title"]): each for each in desk.get(HOME).context["waiting"]}
    assert {desk.get(each["link"]).status_code for each in tiles.values()} == {200}
    expiring = tiles["10 分钟内将超时的未付款订单"]
    assert expiring["count"] == "1"
    assert len(desk.get(expiring["link"]).context["cl"].result_list) == 1


def test_more_than_a_thousand_are_not_counted(
    desk_of: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.reports.selectors.waiting.MOST_COUNTED", 2)
    for _ in range(3):
        OrderInfoFactory(status=Status.UNSEND)
    assert desk_of("manager").get(HOME).context["waiting"][0]["count"] == "2+"


def test_figures_beside_the_period_before(desk_of: Callable[[str], Client]) -> None:
    for ago, day in enumerate(last_days(14)):
        DayFigures.objects.create(day=day, orders=3 if ago < 7 else 2)
    today, week, month = desk_of("manager").get(HOME).context["figures"]["periods"]
    assert (today.figures[0].value, today.figures[0].change) == ("3", Decimal("0.0"))
    orders = week.figures[0]
    assert (orders.value, orders.before, orders.change) == ("21", "14", Decimal("50.0"))
    # Nobody has counted the days before these thirty.
    assert (month.figures[0].value, month.figures[0].before) == ("35", "")


@pytest.mark.parametrize(("asked", "pieces"), [("1", [1]), ("7", [3]), ("30", [6]), ("x", [3])])
def test_best_sellers_of_a_period(
    asked: str, pieces: list[int], desk_of: Callable[[str], Client]
) -> None:
    sku = SKUFactory()
    for number, ago in enumerate([0, 6, 29], start=1):
        SKUSales.objects.create(day=last_days(30)[ago], sku=sku, pieces=number, amount=1)
    services.rank_best_sellers(last=last_days(1)[0])
    lists = desk_of("catalogue").get(HOME, {"days": asked}).context["best_sellers"]["lists"]
    assert [[each["row"].pieces for each in one["rows"]] for one in lists] == [pieces, pieces]
    assert BestCategory.objects.count() == 3


def test_no_block_is_forgotten(desk_of: Callable[[str], Client], shop: None) -> None:
    context = desk_of("manager").get(HOME).context
    assert all(context[name] for name in BLOCKS)


class TestJobs:
    @pytest.fixture
    def noted(self, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
        def noted(*commands: str, ago: timedelta = timedelta(0), failed: bool = False) -> None:
            at = (timezone.now() - ago).timestamp()
            with monkeypatch.context() as patched:
                patched.setattr("apps.core.store.jobs.time.time", lambda: at)
                for command in commands:
                    note_end(command, schedule=COMMANDS, failed=failed)

        return noted

    def test_nobody_has_reported(self) -> None:
        health = job_health()
        assert (health.is_good, health.stands_still, health.single) == (False, True, [])

    def test_all_in_time(self, noted: Callable) -> None:
        noted(*COMMANDS)
        assert job_health().is_good

    def test_what_is_not_due_yet_is_not_late(self, noted: Callable) -> None:
        """The first worker ran a minute ago: what runs at night has not been due."""
        frequent = [each["args"][0] for each in settings.CELERY_BEAT_SCHEDULE.values()
                    if isinstance(each["schedule"], timedelta)]  # fmt: skip
        noted(*frequent, ago=timedelta(minutes=1))
        assert job_health().is_good

    def test_beat_stands_still(self, noted: Callable) -> None:
        noted(*COMMANDS, ago=timedelta(days=2))
        health = job_health()
        assert (health.stands_still, health.silent_queues, health.single) == (True, [], [])

    def test_a_queue_is_not_drained(self, noted: Callable) -> None:
        noted(*COMMANDS)
        noted("send_notifications", ago=timedelta(minutes=6))
        health = job_health()
        assert (health.silent_queues, health.single) == (["notifications"], [])

    def test_one_of_the_night_did_not_come(self, noted: Callable) -> None:
        noted(*COMMANDS)
        noted("nightly_audit", ago=timedelta(hours=26))
        assert [job.command for job in job_health().single] == ["nightly_audit"]

    def test_a_failure_is_shown_until_the_next_success(
        self, noted: Callable, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from apps.core.tasks import run_command

        noted(*COMMANDS)

        def fail(name: str) -> None:
            raise ZeroDivisionError

        with monkeypatch.context() as patched:
            patched.setattr("apps.core.tasks.call_command", fail)
            with pytest.raises(ZeroDivisionError):
                run_command("update_figures")
        assert [(job.command, job.has_failed) for job in job_health().single] == [
            ("update_figures", True)
        ]
        run_command("update_figures")
        assert job_health().is_good

    def test_redis_does_not_answer(
        self, desk_of: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("apps.reports.selectors.jobs.job_notes", lambda: None)
        assert not job_health().is_good
        assert "Redis 没有响应" in desk_of("manager").get(HOME).content.decode()
