from apps.users.services.accounts import open_account, register
from apps.users.services.addresses import (
    add_address,
    delete_address,
    edit_address,
    set_default_address,
)
from apps.users.services.bindings import bind, binding_token, unbind
from apps.users.services.emails import set_email, verify_email
from apps.users.services.favourites import add_favourite, remove_favourite
from apps.users.services.history import forget_history, remember_visit
from apps.users.services.passwords import (
    bearer,
    change_password,
    offer_reset,
    prove_mobile,
    reset_password,
)
from apps.users.services.sessions import is_logged_out, log_in, log_out
from apps.users.services.sign_in import begin_sign_in, user_of, who_signed_in

__all__ = [
    "add_address",
    "add_favourite",
    "bearer",
    "begin_sign_in",
    "bind",
    "binding_token",
    "change_password",
    "delete_address",
    "edit_address",
    "forget_history",
    "is_logged_out",
    "log_in",
    "log_out",
    "offer_reset",
    "open_account",
    "prove_mobile",
    "register",
    "remember_visit",
    "remove_favourite",
    "reset_password",
    "set_default_address",
    "set_email",
    "unbind",
    "user_of",
    "verify_email",
    "who_signed_in",
]
