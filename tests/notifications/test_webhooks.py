"""Webhooks over real sockets: what counts as received, and where they do not go."""

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from apps.core import http
from apps.notifications import store
from apps.notifications.gateways import addresses, webhooks
from apps.notifications.models import Event, Message, WebhookEndpoint
from apps.notifications.services import announce, replace_secret, send_notifications, send_test
from tests.notifications import receiver as ways
from tests.notifications.conftest import ORDER, new_endpoint, tell
from tests.notifications.receiver import Receiver, answer, receiving

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_servers(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    monkeypatch.setattr(webhooks, "_pools", http.new_pools())


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture
def endpoint(server: Receiver) -> WebhookEndpoint:
    return new_endpoint(url=server.url)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "ANSWER_SECONDS", 0.3)
    timeout = urllib3.Timeout(connect=1, read=0.2)
    pools = http.new_pools()
    pools.connection_pool_kw["timeout"] = timeout
    monkeypatch.setattr(webhooks, "_pools", pools)


def sent() -> Message:
    """The only message, after a round."""
    send_notifications()
    return Message.objects.get()


class TestDelivery:
    def test_the_letter(self, endpoint: WebhookEndpoint, server: Receiver) -> None:
        tell(payload={"amount": "50.00", "note": "多谢"})
        message = sent()
        (letter,) = server.letters
        assert letter.path == "/hooks?shop=1"
        assert letter.body == message.body.encode()
        assert letter.headers["Content-Type"] == "application/json"
        assert letter.headers["Host"] == f"127.0.0.1:{server.port}"
        assert letter.headers["Meiduo-Id"] == message.message_id
        at = datetime.fromtimestamp(int(letter.headers["Meiduo-Timestamp"]), UTC)
        assert abs(timezone.now() - at) < timedelta(minutes=1)
        assert letter.is_signed_with(endpoint.secret)
        assert not letter.is_signed_with("whsec_another")
        assert (message.state, message.tries, message.next_try_at) == ("sent", 1, None)
        assert message.sent_at
        assert message.answer == "200 thanks"

    def test_both_secrets_sign_while_a_new_one_takes_over(
        self, endpoint: WebhookEndpoint, server: Receiver
    ) -> None:
        old = endpoint.secret
        new = replace_secret(endpoint)
        tell()
        sent()
        assert server.letters[0].is_signed_with(old)
        assert server.letters[0].is_signed_with(new)
        endpoint.previous_until = timezone.now()
        endpoint.save()
        send_test(endpoint)
        assert not server.letters[1].is_signed_with(old)
        assert server.letters[1].is_signed_with(new)

    def test_the_line_is_kept_open(self, endpoint: WebhookEndpoint, server: Receiver) -> None:
        for _ in range(3):
            tell()
        assert send_notifications() == 3
        assert (len(server.letters), server.connections) == (3, 1)

    def test_a_new_address_holds_for_what_waits(
        self, endpoint: WebhookEndpoint, server: Receiver
    ) -> None:
        tell()
        endpoint.url = endpoint.url.replace("/hooks", "/new")
        endpoint.save()
        assert sent().receiver == endpoint.url
        assert server.letters[0].path == "/new?shop=1"

    @pytest.mark.parametrize(
        ("behave", "answer_kept"),
        [
            (answer(204, b""), "204"),
            (answer(200, b"\x00\x1b[31m\xff" + b"x" * 9), "200 [31m\ufffdxxxxxxxxx"),
            (ways.huge, "200 " + "x" * 2048),
            (ways.breaks_off, "200 than"),
        ],
    )
    def test_the_status_is_what_counts(
        self, endpoint: WebhookEndpoint, server: Receiver, behave: Callable, answer_kept: str
    ) -> None:
        server.behave = [behave]
        tell()
        message = sent()
        assert message.state == "sent"
        assert answer_kept.startswith(message.answer)
        assert message.answer.startswith(answer_kept[:4].strip())

    def test_nobody_waits_for_a_body_in_drops(
        self, endpoint: WebhookEndpoint, server: Receiver, impatient: None
    ) -> None:
        server.behave = [ways.drips_body]
        tell()
        assert sent().state == "sent"

    @pytest.mark.parametrize(
        ("behave", "error"),
        [
            (answer(500, b"oops"), "It answers 500."),
            (answer(400, b"oops"), "It answers 400."),
            (answer(503, b"oops"), "It answers 503."),
            (
                answer(302, b"oops", Location="/elsewhere"),
                "It redirects (302), which is not followed.",
            ),
        ],
    )
    def test_any_other_answer_is_none(
        self, endpoint: WebhookEndpoint, server: Receiver, behave: Callable, error: str
    ) -> None:
        server.behave = [behave]
        tell()
        message = sent()
        assert (message.state, message.last_error, message.tries) == ("failed", error, 1)
        assert message.answer.endswith("oops")
        assert len(server.letters) == 1

    @pytest.mark.parametrize(
        ("behave", "error"),
        [
            (ways.silent, "It does not answer in time"),
            (ways.drips_headers, "It does not answer in time"),
            (ways.resets, "The connection broke: ProtocolError"),
            (ways.garbage, "The connection broke: ProtocolError"),
        ],
    )
    def test_nor_is_silence(
        self,
        endpoint: WebhookEndpoint,
        server: Receiver,
        impatient: None,
        behave: Callable,
        error: str,
    ) -> None:
        server.behave = [behave]
        tell()
        message = sent()
        assert (message.state, message.last_error) == ("failed", error)
        assert store.paused([f"webhook:{endpoint.pk}"])

    def test_nobody_there(self, endpoint: WebhookEndpoint) -> None:
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))  # and does not listen
            endpoint.url = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
            endpoint.save()
            tell()
            assert sent().last_error == "Nobody listens there"

    def test_gone_is_gone(self, endpoint: WebhookEndpoint, server: Receiver) -> None:
        server.behave = [answer(410)]
        tell()
        assert sent().state == "gave_up"

    @pytest.mark.parametrize("how", ["off", "deleted"])
    def test_an_endpoint_that_is_no_more(
        self, endpoint: WebhookEndpoint, server: Receiver, how: str
    ) -> None:
        tell()
        if how == "off":
            endpoint.is_active = False
            endpoint.save()
        else:
            endpoint.delete()
        assert sent().state == "gave_up"
        assert server.letters == []


class TestAddresses:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",  # noqa: S104
            "100.64.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "240.0.0.1",
            "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1",
            "2002:a00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "::7f00:1",
        ],
    )  # fmt: skip
    def test_not_public(self, address: str) -> None:
        assert not addresses.is_public(ip_address(address))

    @pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111"])
    def test_public(self, address: str) -> None:
        assert addresses.is_public(ip_address(address))

    @pytest.mark.parametrize(
        "found", [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::1"], ["fe80::1%eth0"]]
    )
    def test_a_name_that_leads_into_our_network(
        self, server: Receiver, settings: Any, names: dict[str, list[str]], found: list[str]
    ) -> None:
        settings.WEBHOOK_ALLOW_PRIVATE = False
        names["erp.example"] = found
        new_endpoint(url=f"https://erp.example:{server.port}/")
        tell()
        message = sent()
        assert (message.state, message.last_error) == (
            "failed",
            "erp.example is inside our own network.",
        )
        assert server.connections == 0

    def test_plain_http_after_the_setting_was_tightened(
        self, endpoint: WebhookEndpoint, server: Receiver, settings: Any
    ) -> None:
        tell()
        settings.WEBHOOK_ALLOW_PRIVATE = False
        assert sent().state == "gave_up"
        assert server.connections == 0

    def test_a_name_is_asked_for_once(self, server: Receiver, names: dict[str, list[str]]) -> None:
        """Between the check and the connection it cannot lead elsewhere."""
        names["erp.example"] = ["127.0.0.1"]
        new_endpoint(url=f"http://erp.example:{server.port}/hooks")
        tell()
        assert sent().state == "sent"
        assert server.letters[0].headers["Host"] == f"erp.example:{server.port}"
        assert names["asked"] == ["erp.example"]

    def test_a_name_that_nobody_knows(self, names: dict[str, list[str]]) -> None:
        new_endpoint(url="https://erp.example/")
        tell()
        assert sent().last_error == "There is no address of erp.example."

    @pytest.fixture
    def names(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
        """What the name server says, and what it was asked."""
        names: dict[str, list[str]] = {"asked": []}
        real = socket.getaddrinfo

        def getaddrinfo(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
            if not host.endswith(".example"):
                return real(host, port, *args, **kwargs)
            names["asked"].append(host)
            if host not in names:
                raise socket.gaierror(socket.EAI_NONAME, "unknown")
            return [(0, 0, 0, "", (address, port)) for address in names[host]]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return names

    @pytest.mark.parametrize(
        ("host", "state"), [("erp.example", "sent"), ("foe.example", "failed")]
    )
    def test_the_certificate_is_the_names(
        self,
        names: dict[str, list[str]],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        host: str,
        state: str,
    ) -> None:
        certificate = self.certificate("erp.example", tmp_path / "erp.pem")
        monkeypatch.setattr(webhooks, "_pools", http.new_pools(ca_certs=certificate))
        names[host] = ["127.0.0.1"]
        with receiving(certificate=certificate) as server:
            new_endpoint(url=f"https://{host}:{server.port}/")
            tell()
            message = sent()
        assert message.state == state
        assert len(server.letters) == (state == "sent")

    def test_a_certificate_that_nobody_vouches_for(
        self, names: dict[str, list[str]], tmp_path: Path
    ) -> None:
        certificate = self.certificate("erp.example", tmp_path / "erp.pem")
        names["erp.example"] = ["127.0.0.1"]
        with receiving(certificate=certificate) as server:
            new_endpoint(url=f"https://erp.example:{server.port}/")
            tell()
            message = sent()
        assert message.state == "failed"
        assert message.last_error.startswith("TLS: ")

    def certificate(self, name: str, file: Path) -> str:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .sign(key, hashes.SHA256())
        )
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + made.public_bytes(serialization.Encoding.PEM)
        )
        return str(file)


def test_a_try_by_hand(endpoint: WebhookEndpoint, server: Receiver) -> None:
    message = send_test(endpoint)
    assert (message.state, message.event, message.answer) == ("sent", "test", "200 thanks")
    assert server.letters[0].is_signed_with(endpoint.secret)
    server.behave = [answer(500, b"oops")]
    assert send_test(endpoint).answer == "500 oops"


def test_who_does_not_subscribe_hears_nothing(endpoint: WebhookEndpoint, server: Receiver) -> None:
    about: dict[str, Any] = {"payload": {"reason": ""}, "user_id": None}
    announce(Event.ORDER_CANCELED, subject=ORDER, **about)
    assert send_notifications() == 0
    assert server.letters == []
