"""What people call the fields they fill in: a storefront shows ``message`` apart from the field that it is about."""

from django.utils.translation import gettext_lazy as _

LABELS = {
    "username": _("username"),
    "password": _("password"),
    "password2": _("repeated password"),
    "old_password": _("current password"),
    "mobile": _("mobile"),
    "image_code_id": _("image code"),
    "sms_code": _("SMS code"),
    "access_token": _("access token"),
    "allow": _("terms of use"),
    "email": _("e-mail"),
    "receiver": _("receiver"),
    "title": _("title"),
    "province_id": _("province"),
    "city_id": _("city"),
    "district_id": _("district"),
    "place": _("place"),
    "tel": _("telephone"),
    "count": _("quantity"),
    "address": _("address"),
    "pay_method": _("way to pay"),
    "provider": _("payment provider"),
    "product": _("way to pay"),
    "openid": _("openid"),
    "amount": _("amount"),
    "reason": _("reason"),
    "comment": _("review"),
    "score": _("score"),
}
