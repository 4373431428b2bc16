"""The shop as its users start it: ``make run`` in a copy of this checkout, spoken to over sockets."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.e2e.money import Sandbox

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 180
# A storefront of another origin, as the contract's.
STOREFRONT = "http://www.meiduo.site:8080"
FORGET = (
    "DJANGO_",
    "DATABASE_URL",
    "REDIS_",
    "SECRET_KEY",
    "SITE_URL",
    "PYTEST_",
    "MAKE",
    "MFLAGS",
    "ALIPAY_",
    "WECHATPAY_",
)


@dataclass
class Postman:
    """Carries Alipay's notices to the shop, or loses them."""

    shop_url: str
    losing: bool = False
    carried: list[int] = field(default_factory=list)
    server: ThreadingHTTPServer = field(init=False)

    def __post_init__(self) -> None:
        postman, http = self, urllib3.PoolManager(retries=False)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = 500, b"lost"
                if not postman.losing:
                    kind = {"Content-Type": self.headers["Content-Type"]}
                    url = f"{postman.shop_url}/api/v1/payment/alipay/notify/"
                    response = http.request("POST", url, body=body, headers=kind)
                    status, answer = response.status, response.data
                postman.carried.append(status)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/"


@dataclass
class Shop:
    root: Path
    port: int
    sandbox_port: int
    environment: dict[str, str]
    postman: Postman
    mail_server: socket.socket
    said: list[str] = field(default_factory=list)
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox(self) -> Sandbox:
        return Sandbox(f"http://127.0.0.1:{self.sandbox_port}")

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The JSON that the API answers; fails on anything but 2xx."""
        sent = {"json": body} if body is not None else {}
        answer = self.http.request(method, f"{self.url}/api/v1{path}", headers=headers, **sent)
        assert 200 <= answer.status < 300, (answer.status, answer.data.decode())
        return answer.json() if answer.data else None

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.python("manage.py", *arguments)

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [self.root / ".venv" / "bin" / "python", *arguments]
        return subprocess.run(
            command,
            cwd=self.root,
            env=self.environment | {"DJANGO_SETTINGS_MODULE": "meiduo.settings.dev"},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    root = copy_of_checkout(tmp_path_factory.mktemp("e2e") / "shop")
    port, sandbox_port = free_ports(2)
    postman = Postman(f"http://127.0.0.1:{port}")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(FORGET)}
    environment |= {"ALIPAY_NOTIFY_URL": postman.url, "SANDBOX_RETRY_SCALE": "0.005"}
    environment |= {"CORS_ALLOWED_ORIGINS": STOREFRONT}
    # It takes connections, and says nothing.
    mail_server = socket.create_server(("127.0.0.1", 0))
    environment |= {"EMAIL_URL": f"smtp://127.0.0.1:{mail_server.getsockname()[1]}"}
    environment |= {"PORT": str(port), "SANDBOX_PORT": str(sandbox_port)}
    started = Shop(root, port, sandbox_port, environment, postman, mail_server)
    process = subprocess.Popen(
        ["make", "run", f"PYTHON={sys.executable}"],
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        wait_for_logins(process, started.said)
        yield started
    finally:
        os.killpg(process.pid, signal.SIGINT)  # what Ctrl-C does
        process.wait(timeout=30)
        postman.server.shutdown()
    assert left_running(root) == []


def wait_for_logins(process: subprocess.Popen[str], said: list[str]) -> None:
    """Until the last of the four lines is printed; everything that is printed is kept."""
    ready = threading.Event()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line.rstrip())
            if "demo_operator" in line:
                ready.set()
        ready.set()

    threading.Thread(target=read, daemon=True).start()
    ready.wait(START_SECONDS)
    if not any("demo_operator" in line for line in said):
        pytest.fail("make run did not start the shop:\n" + "\n".join(said))


def copy_of_checkout(to: Path) -> Path:
    """Tracked and new files as they are now, and the same virtual environment."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    (to / ".venv").symlink_to(sys.prefix)
    return to


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    numbers = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return numbers


def left_running(root: Path) -> list[str]:
    """The processes that still work in this directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve().is_relative_to(root):
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue  # it ended while we looked, or is none of ours
    return found


def eventually(holds: Callable[[], bool], *, seconds: float = 20) -> None:
    """Look again and again over HTTP, which offers nothing to wait on, until ``holds`` or time is up."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.1)
