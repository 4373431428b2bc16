"""The WSGI entry: ``granian --interface wsgi --workers 1 --blocking-threads 16 sandbox.app:app``.

One worker: each would deliver every notice. Threads enough that calls which a switch holds up leave some for
the call that switches it off.
"""

import logging
import os
import sys

from sandbox.config import Config, ConfigError
from sandbox.factory import create_app
from sandbox.wechatpay.config import KeysMissing, WechatPayConfig

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")

wechatpay_config, missing = None, ""
try:
    config = Config.from_env(os.environ)
    wechatpay_config = WechatPayConfig.from_env(os.environ)
except KeysMissing as error:
    missing = str(error)
    logging.getLogger(__name__).warning("WeChat Pay is off: %s", missing)
except ConfigError as error:
    sys.exit(f"sandbox: {error}")

app = create_app(config, wechatpay_config=wechatpay_config, missing=missing)
