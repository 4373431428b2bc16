"""Every environment variable that the code reads, found in its source."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHOP = [path for path in (ROOT / "meiduo").rglob("*.py") if path.name != "test.py"]
SANDBOX = [ROOT / "sandbox" / "config.py", ROOT / "sandbox" / "wechatpay" / "config.py"]

Defaults = dict[str, set[str]]


def variables() -> Defaults:
    """Their names, each with the defaults that the code states outright, as one writes them in the environment."""
    found: Defaults = defaultdict(set)
    for path in SHOP:
        for name, default in _read_by_shop(ast.parse(path.read_text())):
            found[name] |= _literal(default)
    for path in SANDBOX:
        for name, default in _read_by_sandbox(ast.parse(path.read_text())):
            if name not in found:  # the two share SANDBOX_PORT
                found[name] |= _literal(default)
    return dict(found)


def _calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Every call, with what is called as it is written."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def _read_by_shop(tree: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    for call, function in _calls(tree):
        if re.fullmatch(r"env\.(?!read_env)\w+", function):
            default = next((word.value for word in call.keywords if word.arg == "default"), None)
            yield _name(call.args[0]), default
        elif function in {"os.environ.get", "os.environ.setdefault", "os.getenv"}:
            yield _name(call.args[0]), call.args[1] if len(call.args) > 1 else None
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            yield _name(node.slice), None


def _read_by_sandbox(tree: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    for call, _ in _calls(tree):
        match call.args:
            case [ast.Name("environ"), ast.Constant(str(name)), default]:
                yield name, default


def _name(node: ast.expr) -> str:
    """A name that is put together at run time could not be looked up in a table."""
    assert isinstance(node, ast.Constant), ast.unparse(node)
    return str(node.value)


def _literal(default: ast.expr | None) -> set[str]:
    """The default in a set, which stays empty when there is none, or it is empty or made of other settings."""
    if default is None:
        return set()
    try:
        value = eval(compile(ast.Expression(default), "", "eval"), {"__builtins__": {}})  # noqa: S307  our own source
    except NameError:
        return set()
    if isinstance(value, list):
        value = ",".join(value)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return {text} - {""}
