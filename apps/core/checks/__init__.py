from apps.core.checks.cors import check_origins
from apps.core.checks.media import check_media

__all__ = ["check_media", "check_origins"]
