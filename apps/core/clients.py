import re
from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

# As Azure's gateway and IIS write them, with a port: 1.2.3.4:5678, [2001:db8::1]:5678.
WITH_PORT = re.compile(r"\[(.+)\](?::\d+)?|([\d.]+):\d+")


def client_address(request: HttpRequest) -> str:
    """The address that limits count by: an IPv4 address, or the /64 network of an IPv6 one."""
    address = _address(request)
    if isinstance(address, IPv6Address):
        return f"{address.exploded[:19]}::/64"
    return str(address) if address else "unknown"


def client_ip(request: HttpRequest) -> str:
    """The client's own address, IPv4 or IPv6; "" if nobody tells it."""
    return str(_address(request) or "")


def _address(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    """Who sent this.

    ``X-Forwarded-For`` is believed as far as our own proxies wrote it (``TRUSTED_PROXIES`` of them); what stands to
    the left of that the client may have made up.
    """
    hops = [request.META.get("REMOTE_ADDR", "")]
    hops = [*request.META.get("HTTP_X_FORWARDED_FOR", "").split(","), *hops]
    sender = hops[-min(settings.TRUSTED_PROXIES + 1, len(hops))].strip()
    if with_port := WITH_PORT.fullmatch(sender):
        sender = with_port[1] or with_port[2]
    try:
        address = ip_address(sender)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
