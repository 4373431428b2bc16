"""Runs in an interpreter of its own, with Alipay's own SDK on its path: says what that makes of a text or a request.

Reads one JSON object from stdin, writes one to stdout. Keys are bare Base64, as that SDK has them.
"""

import json
import sys

import rsa
from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.DefaultAlipayClient import DefaultAlipayClient
from alipay.aop.api.domain.AlipayTradePagePayModel import AlipayTradePagePayModel
from alipay.aop.api.request.AlipayTradePagePayRequest import AlipayTradePagePayRequest
from alipay.aop.api.util.SignatureUtils import get_sign_content, sign_with_rsa2, verify_with_rsa


def sign(fields: dict[str, str], private_key: str) -> str:
    return sign_with_rsa2(private_key, get_sign_content(fields), "utf-8")


def verify(fields: dict[str, str], signature: str, public_key: str) -> bool:
    try:
        return bool(verify_with_rsa(public_key, get_sign_content(fields).encode(), signature))
    except rsa.VerificationError:
        return False


def page_url(private_key: str, gateway: str, app_id: str, content: dict[str, str]) -> str:
    config = AlipayClientConfig()
    config.server_url, config.app_id, config.app_private_key = gateway, app_id, private_key
    model = AlipayTradePagePayModel()
    for name, value in content.items():
        setattr(model, name, value)
    request = AlipayTradePagePayRequest(biz_model=model)
    return DefaultAlipayClient(config).page_execute(request, http_method="GET")


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    ruling = {"sign": sign, "verify": verify, "page_url": page_url}[asked.pop("about")](**asked)
    json.dump(ruling, sys.stdout)
