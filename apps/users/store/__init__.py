from apps.users.store.history import add_to_history, clear_history, read_history
from apps.users.store.sessions import (
    end_session,
    has_ended,
    has_logged_in,
    remember_login,
    unless_redis_is_down,
)
from apps.users.store.sign_in import (
    begin_sign_in,
    begun_sign_ins,
    finish_sign_in,
    give_binding_back,
    give_code_back,
    is_binding_spent,
    spend_binding,
    spend_code,
)

__all__ = [
    "add_to_history",
    "begin_sign_in",
    "begun_sign_ins",
    "clear_history",
    "end_session",
    "finish_sign_in",
    "give_binding_back",
    "give_code_back",
    "has_ended",
    "has_logged_in",
    "is_binding_spent",
    "read_history",
    "remember_login",
    "spend_binding",
    "spend_code",
    "unless_redis_is_down",
]
