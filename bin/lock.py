"""Write constraints.txt anew: the newest version of everything the pinned requirements pull in."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = (
    "# The exact versions of everything the requirements pull in. "
    "`make lock` writes this file anew.\n"
)


def main() -> None:
    # fmt: off
    report = subprocess.run([  # noqa: S603
        sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed",
        "--report", "-", "-r", "requirements-dev.txt", "-r", "requirements-postgres.txt",
    ], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    # fmt: on
    pulled_in = [
        "{name}=={version}\n".format(**package["metadata"])
        for package in json.loads(report.stdout)["install"]
        if not package["requested"]
    ]
    (ROOT / "constraints.txt").write_text(HEADER + "".join(sorted(pulled_in, key=str.lower)))


if __name__ == "__main__":
    main()
