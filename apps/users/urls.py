from django.urls import path, re_path, register_converter

from apps.users.models import Provider
from apps.users.views import accounts, addresses, emails, favourites, history, oauth, passwords

OTHER_NAMES = {"weixin": Provider.WECHAT, "sina": Provider.WEIBO}


class ProviderConverter:
    regex = "|".join([*Provider.values, *OTHER_NAMES])

    def to_python(self, value: str) -> str:
        return OTHER_NAMES.get(value) or value

    def to_url(self, value: str) -> str:
        return value


register_converter(ProviderConverter, "provider")

urlpatterns = [
    re_path(
        r"^usernames/(?P<username>\w{5,20})/count/$",
        accounts.UsernameCountView.as_view(),
        name="username-count",
    ),
    re_path(
        r"^mobiles/(?P<mobile>1[3-9][0-9]{9})/count/$",
        accounts.MobileCountView.as_view(),
        name="mobile-count",
    ),
    path("users/", accounts.RegistrationView.as_view(), name="register"),
    path("users/<int:pk>/password/", passwords.PasswordView.as_view(), name="password"),
    re_path(
        r"^accounts/(?P<account>\w{5,20})/sms/token/$",
        passwords.ResetOfferView.as_view(),
        name="password-reset-offer",
    ),
    re_path(
        r"^accounts/(?P<account>\w{5,20})/password/token/$",
        passwords.ResetTokenView.as_view(),
        name="password-reset-token",
    ),
    path("authorizations/", accounts.LoginView.as_view(), name="login"),
    path("authorizations/refresh/", accounts.RefreshView.as_view(), name="token-refresh"),
    path("authorizations/logout/", accounts.LogoutView.as_view(), name="logout"),
    path("user/", accounts.UserView.as_view(), name="user"),
    path("email/", emails.EmailView.as_view(), name="email"),
    path("emails/verification/", emails.EmailVerificationView.as_view(), name="email-verification"),
    # Some storefronts say it in the plural, and in the singular.
    path("emails/", emails.EmailView.as_view(schema=None)),
    path("email/verification/", emails.EmailVerificationView.as_view(schema=None)),
    path("addresses/", addresses.AddressListView.as_view(), name="address-list"),
    path("addresses/<int:pk>/", addresses.AddressView.as_view(), name="address-detail"),
    path(
        "addresses/<int:pk>/status/", addresses.DefaultAddressView.as_view(), name="address-default"
    ),
    path("addresses/<int:pk>/title/", addresses.AddressTitleView.as_view(), name="address-title"),
    path("browse_histories/", history.BrowseHistoryView.as_view(), name="browse-history"),
    path("favourites/", favourites.FavouriteListView.as_view(), name="favourite-list"),
    path("favourites/<int:sku_id>/", favourites.FavouriteView.as_view(), name="favourite-detail"),
    path("oauth/", oauth.OAuthListView.as_view(), name="oauth-list"),
    path(
        "oauth/<provider:provider>/authorization/",
        oauth.AuthorizationView.as_view(),
        name="oauth-authorization",
    ),
    path("oauth/<provider:provider>/detour/", oauth.DetourView.as_view(), name="oauth-detour"),
    path("oauth/<provider:provider>/user/", oauth.SignInView.as_view(), name="oauth-user"),
]
