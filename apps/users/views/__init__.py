from apps.users.views.base import BuyerView, signed_in

__all__ = ["BuyerView", "signed_in"]
