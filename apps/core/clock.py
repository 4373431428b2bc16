"""The merchants' and the providers' clock. Inside times are UTC; what people and providers read is Beijing's."""

from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
