"""WeChat Pay's signatures and ciphers (API v3), pure: nothing here knows the time or the network."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from apps.payment.gateways import rsa

SCHEME = "WECHATPAY2-SHA256-RSA2048"
CIPHER = "AEAD_AES_256_GCM"
NONCE_BYTES = 12


def lines(*parts: str | bytes) -> bytes:
    """What is signed: every part ends its line, the last one, too."""
    return b"".join((p if isinstance(p, bytes) else p.encode()) + b"\n" for p in parts)


def authorization(
    *,
    method: str,
    target: str,
    body: bytes,
    timestamp: int,
    nonce: str,
    mchid: str,
    serial: str,
    key: RSAPrivateKey,
) -> str:
    """The header of a request. ``target`` is path and query, ``body`` the bytes, both exactly as they are sent."""
    signature = rsa.sign(lines(method, target, str(timestamp), nonce, body), key)
    pairs = {
        "mchid": mchid,
        "nonce_str": nonce,
        "signature": signature,
        "timestamp": str(timestamp),
        "serial_no": serial,
    }
    return f"{SCHEME} " + ",".join(f'{name}="{value}"' for name, value in pairs.items())


def jsapi_params(
    prepay_id: str, *, app_id: str, timestamp: int, nonce: str, key: RSAPrivateKey
) -> dict[str, str]:
    """What a page inside WeChat, or a mini program, hands to its bridge."""
    package = f"prepay_id={prepay_id}"
    return {
        "appId": app_id,
        "timeStamp": str(timestamp),
        "nonceStr": nonce,
        "package": package,
        "signType": "RSA",
        "paySign": rsa.sign(lines(app_id, str(timestamp), nonce, package), key),
    }


def app_params(
    prepay_id: str, *, app_id: str, mchid: str, timestamp: int, nonce: str, key: RSAPrivateKey
) -> dict[str, str]:
    """What an app hands to WeChat's library, under the names of its Android side."""
    return {
        "appId": app_id,
        "partnerId": mchid,
        "prepayId": prepay_id,
        "packageValue": "Sign=WXPay",
        "nonceStr": nonce,
        "timeStamp": str(timestamp),
        "sign": rsa.sign(lines(app_id, str(timestamp), nonce, prepay_id), key),
    }


def unseal(*, ciphertext: str, nonce: str, associated_data: str, key: bytes) -> bytes:
    """Decrypt what was encrypted with our APIv3 key. Raises ValueError if it was not, or was changed since."""
    raw_nonce = nonce.encode()
    if len(raw_nonce) != NONCE_BYTES:
        raise ValueError("A nonce has 12 bytes")
    try:
        return AESGCM(key).decrypt(
            raw_nonce, rsa.strict_base64(ciphertext), associated_data.encode()
        )
    except InvalidTag as exc:
        raise ValueError("Not encrypted with our APIv3 key, or changed since") from exc
