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
    report = subprocess.run([
        sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed",
        "--report", "-", "-r", "requirements-dev.txt", "-r", "requirements-aliyun.txt",
        "-r", "requirements-postgres.txt", "-r", "requirements-s3.txt",
    ], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    # fmt: on
    pulled_in = [
        (package["metadata"]["name"], package["metadata"]["version"])
        for package in json.loads(report.stdout)["install"]
        if not package["requested"]
    ]
    pulled_in.sort(key=lambda pinned: pinned[0].lower())
    lines = [f"{name}=={version}\n" for name, version in pulled_in]
    (ROOT / "constraints.txt").write_text(HEADER + "".join(lines))


if __name__ == "__main__":
    main()
