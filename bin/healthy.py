"""Exit 0 if the server of this container answers: `python bin/healthy.py [PORT]`."""

import http.client
import os
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
host = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip(".*") or "127.0.0.1"
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
# As the proxy in front would ask: for a name of ours, and over TLS.
connection.request("GET", "/healthz", headers={"Host": host, "X-Forwarded-Proto": "https"})
sys.exit(connection.getresponse().status != http.HTTPStatus.OK)
