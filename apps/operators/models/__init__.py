from apps.operators.models.logins import LoginEvent
from apps.operators.models.roles import Role

__all__ = ["LoginEvent", "Role"]
