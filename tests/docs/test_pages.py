"""What the pages say of the code, held against the code."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from django.utils.translation import override

from apps.core.problems import problem
from apps.orders.exceptions import LinesRefused, Obstacle
from tests.docs.purchase import purchase_script
from tests.docs.variables import variables

ROOT = Path(__file__).resolve().parents[2]
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "keys" / "README.md",
]
ROW = re.compile(r"^\| `([A-Z][A-Z0-9_]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]+)[^)]*\)")
FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture(params=READMES, ids=lambda page: page.name)
def readme(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_the_table_has_every_variable_and_no_other(readme: Path) -> None:
    rows = [name for name, _, _ in ROW.findall(readme.read_text())]
    assert sorted(rows) == sorted(variables())


def test_the_table_has_the_defaults_of_the_code(readme: Path) -> None:
    in_table = {name: default for name, default, _ in ROW.findall(readme.read_text())}
    stated = {name: defaults for name, defaults in variables().items() if defaults}
    assert {"PORT", "FREIGHT_FLAT", "SANDBOX_RETRY_SCALE"} <= stated.keys()
    wrong = {
        name: (in_table.get(name), defaults)
        for name, defaults in stated.items()
        if set(re.findall("`([^`]+)`", in_table.get(name, ""))) != defaults
    }
    assert wrong == {}


def test_the_example_of_a_dotenv_has_every_variable_and_its_default() -> None:
    example = dict(
        re.findall(r"^#?([A-Z0-9_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    )
    only_for_containers = {"MYSQL_PASSWORD"}
    assert example.keys() == variables().keys() | only_for_containers
    wrong = {
        name: example[name]
        for name, defaults in variables().items()
        if defaults and example[name] not in defaults
    }
    assert wrong == {}


def test_both_readmes_have_the_same_rows_in_the_same_order() -> None:
    english, chinese = ([name for name, _, _ in ROW.findall(page.read_text())] for page in READMES)
    assert english == chinese


def test_both_readmes_have_the_same_code() -> None:
    english, chinese = (FENCE.findall(page.read_text()) for page in READMES)
    assert purchase_script(readme=READMES[0]) == purchase_script(readme=READMES[1])
    without_words = [[block.splitlines()[0] for block in blocks] for blocks in (english, chinese)]
    assert without_words[0] == without_words[1]


def test_the_refusal_that_is_shown_is_what_the_shop_says(readme: Path) -> None:
    (block,) = re.findall(r"^```json\n(.*?)^```$", readme.read_text(), re.DOTALL | re.MULTILINE)
    shown = json.loads(block)
    with override("zh-hans"):
        refusal = LinesRefused([Obstacle(**line) for line in shown["lines"]])
        said = problem(409, refusal.code, refusal.title, refusal.detail, **refusal.extra)
    assert shown == said


def test_the_purchase_is_for_any_posix_shell() -> None:
    script = purchase_script(api="http://127.0.0.1:1/api/v1")
    assert "127.0.0.1:8000" not in script
    checked = subprocess.run(
        ["sh", "-n"], input=script, text=True, capture_output=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = LINK.findall(FENCE.sub("", page.read_text()))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_make_target_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z][a-z-]+)", _code_of(page))) <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_management_command_exists(page: Path) -> None:
    own = {path.stem for path in ROOT.glob("apps/*/management/commands/[a-z]*.py")}
    of_django = {"migrate", "check", "createsuperuser", "collectstatic", "makemigrations"}
    named = set(re.findall(r"manage\.py ([a-z_]+)", _code_of(page)))
    assert named <= own | of_django


def test_every_command_of_ours_is_in_the_list(readme: Path) -> None:
    own = {path.stem for path in ROOT.glob("apps/*/management/commands/[a-z]*.py")}
    listed = set(re.findall(r"^\| `([a-z_]+)` \|", readme.read_text(), re.MULTILINE))
    assert own - listed == set()


def test_every_decision_that_the_code_names_is_written_down() -> None:
    sources = [path.read_text() for path in (ROOT / "apps").rglob("*.py")]
    named = {number for source in sources for number in re.findall(r"ADR (\d{4})", source)}
    written = {path.name[:4] for path in (ROOT / "docs" / "adr").glob("*.md")}
    assert named
    assert named <= written


def _code_of(page: Path) -> str:
    """What stands in back-quotes, in the text and in blocks."""
    text = page.read_text()
    return "\n".join([*FENCE.findall(text), *re.findall("`([^`\n]+)`", FENCE.sub("", text))])
