"""Whether Alipay and we understand each other, and if not, what to mend."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.payment.exceptions import Misconfigured, Unknown
from apps.payment.gateways.alipay.answers import BUSINESS_FAILURE, MISCONFIGURED, Answer, bare
from apps.payment.gateways.alipay.line import Line

# Ours are digits; no attempt can have this number.
NO_ONES_NUMBER = "check_credentials"
WRONG_CERTIFICATE = gettext_lazy(
    "Alipay does not accept our certificates: download ALIPAY_APP_CERT and ALIPAY_ROOT_CERT anew from its console."
)
ADVICE = {
    "isv.invalid-app-id": gettext_lazy(
        "Alipay knows no application with this number: mend ALIPAY_APP_ID, or ALIPAY_GATEWAY_URL if the application "
        "is of Alipay's sandbox."
    ),
    "isv.invalid-signature": gettext_lazy(
        "Our private key does not match what Alipay has of us: upload the public half of ALIPAY_APP_PRIVATE_KEY to "
        "its console."
    ),
    "isv.missing-signature-config": gettext_lazy(
        "Alipay has no public key of ours: upload the public half of ALIPAY_APP_PRIVATE_KEY to its console."
    ),
    "isv.invalid-timestamp": gettext_lazy(
        "Alipay finds our clock to be off: set this machine's clock by NTP."
    ),
    "isv.insufficient-isv-permissions": gettext_lazy(
        "The application may not ask after payments: let it have the product in Alipay's console, and put it online."
    ),
    "isv.missing-app-cert-sn": gettext_lazy(
        "The application uses certificates: set ALIPAY_APP_CERT, ALIPAY_CERT and ALIPAY_ROOT_CERT."
    ),
    "isv.app-cert-expired": gettext_lazy(
        "Our certificate has expired: have a new one issued in Alipay's console and set ALIPAY_APP_CERT."
    ),
    "isv.invalid-app-cert-sn": WRONG_CERTIFICATE,
    "isv.invalid-alipay-root-cert-sn": WRONG_CERTIFICATE,
    "isv.missing-alipay-root-cert-sn": WRONG_CERTIFICATE,
}


def check(line: Line, *, at: datetime) -> None:
    """Ask after a number that cannot exist. Raises Misconfigured with what to mend, or Unknown."""
    answer = line.ask("alipay.trade.query", {"out_trade_no": NO_ONES_NUMBER}, at)
    if answer.code in MISCONFIGURED:
        raise Misconfigured(_advice(answer))
    if not answer.sign:
        raise Unknown(str(answer))
    if not line.is_genuine(answer, at):
        raise Misconfigured(
            _(
                "The answer is not signed by the key we have of Alipay: download ALIPAY_PUBLIC_KEY (or ALIPAY_CERT) "
                "from its console; it is not our own public key."
            )
        )
    if answer.code != BUSINESS_FAILURE or bare(answer.sub_code) != "TRADE_NOT_EXIST":
        raise Unknown(str(answer))


def _advice(answer: Answer) -> str:
    advice = ADVICE.get(answer.sub_code)
    if advice is None and answer.code == "40006":
        advice = ADVICE["isv.insufficient-isv-permissions"]
    return f"{advice} ({answer})" if advice else str(answer)
