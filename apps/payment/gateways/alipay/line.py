"""The line to Alipay's gateway: a signed question, an answer that is believed only if signed.

Left to ourselves and not to python-alipay-sdk: the time (it takes the process's local one, Alipay wants Beijing's),
HTTP (it opens a connection per call and puts everything into the URL), and reading the answer (it counts braces inside
strings, and its exceptions carry no code).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.payment.exceptions import Unknown
from apps.payment.gateways import http
from apps.payment.gateways.alipay.answers import Answer, cut_out, refuse, refuse_misconfigured
from apps.payment.gateways.alipay.fields import beijing_text
from apps.payment.gateways.alipay.signing import Composer
from apps.payment.gateways.alipay.trust import Trust

# In a call it stands in the address, so that the body can be read by it, and only there.
CHARSET = "charset=utf-8"
FORM = {"Content-Type": f"application/x-www-form-urlencoded; {CHARSET}"}
Content = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    composer: Composer
    client: http.Client
    trust: Trust
    gateway_url: str

    def signed(self, method: str, content: Content, at: datetime, **common: str) -> str:
        """The whole request, encoded and signed; nothing is sent."""
        body = self.composer.build_body(
            method, dict(content), timestamp=beijing_text(at), **self.trust.named, **common
        )
        signed: str = self.composer.sign_data(body)
        return signed

    def call(self, method: str, content: Content, at: datetime, **common: str) -> dict[str, Any]:
        """The node of a genuine answer that says yes. Raises Rejected, Unknown, Misconfigured."""
        answer = self.ask(method, content, at, **common)
        refuse_misconfigured(answer)
        if not self.is_genuine(answer, at):
            raise Unknown(f"The signature of {answer.name} does not match")
        refuse(answer)
        return answer.node

    def ask(self, method: str, content: Content, at: datetime, **common: str) -> Answer:
        """An answer of which nothing is believed yet. A time-out or a broken answer is Unknown."""
        body = self.signed(method, content, at, **common).replace(f"&{CHARSET}&", "&")
        answer = self.client.request(
            "POST", f"{self.gateway_url}?{CHARSET}", body=body, headers=FORM
        )
        if answer.status != 200:
            raise Unknown(f"{method}: HTTP {answer.status}")
        try:
            return cut_out(answer.body.decode(), f"{method.replace('.', '_')}_response")
        except (ValueError, RecursionError) as exc:
            raise Unknown(f"{method}: {exc}") from exc

    def is_genuine(self, answer: Answer, at: datetime) -> bool:
        """Whether Alipay signed it. Raises Unknown if its certificate cannot be had, or does not chain."""
        if not answer.sign:
            return False

        def download(cert_sn: str) -> str:
            return self.certificate(cert_sn, at)

        return answer.is_signed_by(self.trust.key_of(answer.cert_sn, at=at, download=download))

    def certificate(self, cert_sn: str, at: datetime) -> str:
        """The certificate with this number, as Alipay gives it to whoever asks, in Base64; it proves itself."""
        answer = self.ask("alipay.open.app.alipaycert.download", {"alipay_cert_sn": cert_sn}, at)
        refuse_misconfigured(answer)
        refuse(answer)
        return str(answer.node.get("alipay_cert_content", ""))
