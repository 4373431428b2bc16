"""The WSGI entry: ``granian --interface wsgi --workers 1 --blocking-threads 8 sandbox.app:app``.

One worker: each would deliver every notice.
"""

import logging
import os
import sys

from sandbox.config import Config, ConfigError
from sandbox.factory import create_app

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")

try:
    config = Config.from_env(os.environ)
except ConfigError as error:
    sys.exit(f"sandbox: {error}")

app = create_app(config)
