from apps.operators.admin.devices import DeviceAdmin
from apps.operators.admin.door import RecordedLoginForm
from apps.operators.admin.history import HistoryAdmin
from apps.operators.admin.logins import LoginEventAdmin

__all__ = ["DeviceAdmin", "HistoryAdmin", "LoginEventAdmin", "RecordedLoginForm"]
