"""The purchase that the README tells its reader to paste."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
BLOCK = re.compile(r"^<!-- purchase -->\n```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
API = re.compile(r"^API=\S+$", re.MULTILINE)


def purchase_script(api: str | None = None, *, readme: Path = README) -> str:
    """The block as it stands in ``readme``; with ``api``, against that base address instead."""
    (script,) = BLOCK.findall(readme.read_text())
    if api is None:
        return script
    moved, changes = API.subn(f"API={api}", script)
    assert changes == 1, "the block names the API's base address once"
    return moved
