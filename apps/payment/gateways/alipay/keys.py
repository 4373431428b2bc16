"""The keys and certificates that Alipay's signatures are held against, read from where the settings say."""

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from django.utils.translation import gettext as _

from apps.payment.exceptions import Misconfigured
from apps.payment.gateways import pem
from apps.payment.gateways.alipay.trust import CertificateTrust, KeyTrust, Trust

CERTIFICATES = {
    "app_cert": "ALIPAY_APP_CERT",
    "alipay_cert": "ALIPAY_CERT",
    "alipay_root_cert": "ALIPAY_ROOT_CERT",
}


def trust(config: Mapping[str, Any], ours: RSAPrivateKey) -> Trust:
    """Whose signature is Alipay's: by certificates if the settings name them. Raises Misconfigured."""
    named = {setting: config[name] for name, setting in CERTIFICATES.items()}
    if not any(named.values()):
        return KeyTrust(pem.public_key(config["alipay_public_key"], setting="ALIPAY_PUBLIC_KEY"))
    if not all(named.values()):
        raise Misconfigured(
            _("Set all of ALIPAY_APP_CERT, ALIPAY_CERT and ALIPAY_ROOT_CERT, or none of them.")
        )
    app, alipay, root = (pem.content(path, setting=setting) for setting, path in named.items())
    certified = CertificateTrust(app=app, alipay=alipay, root=root)
    if certified.app_key.public_numbers() != ours.public_key().public_numbers():
        raise Misconfigured(_("ALIPAY_APP_CERT is not the certificate of ALIPAY_APP_PRIVATE_KEY."))
    return certified
