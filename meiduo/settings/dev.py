"""The laptop: everything on, nothing to configure."""

from meiduo.settings.base import *
from meiduo.settings.environment import env

DEBUG = env.bool("DEBUG", default=True)
TRACKING_GATEWAY = env.str("TRACKING_GATEWAY", default="sandbox")
WEBHOOK_ALLOW_PRIVATE = env.bool("WEBHOOK_ALLOW_PRIVATE", default=True)
