"""What an operator does with people."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from rest_framework.test import APIClient

from apps.users.models import Address, OAuthAccount, User
from tests.admin.forms import change_page, errors, save
from tests.conftest import logged_in
from tests.core.refusals import refused
from tests.factories import UserFactory
from tests.world import unchanged

pytestmark = pytest.mark.django_db

ADD = "/admin/users/user/add/"


class TestNewUser:
    fields = {"password1": "correct-horse-7", "password2": "correct-horse-7"}

    def test_two_operators_without_a_mobile(self, desk: Client, api: APIClient) -> None:
        for username in ("clerk1", "clerk2"):
            save(desk, ADD, username=username, **self.fields)
            assert User.objects.get(username=username).mobile is None
        body = {"username": "clerk1", "password": "correct-horse-7"}
        assert api.post("/api/v1/authorizations/", body).status_code == 200

    @pytest.mark.parametrize("username", ["13912345678", "operator", "OPERATOR", "x" * 21])
    def test_names_that_cannot_be(self, username: str, desk: Client) -> None:
        with unchanged():
            assert errors(desk, ADD, username=username, **self.fields)


class TestExistingUser:
    def test_an_emptied_mobile_is_none(self, desk: Client, buyer: User, stranger: User) -> None:
        for user in (buyer, stranger):
            save(desk, change_page(user), mobile="")
        assert set(User.objects.filter(mobile=None)) == {buyer, stranger}

    def test_another_s_mobile_cannot_be_had(
        self, desk: Client, buyer: User, stranger: User
    ) -> None:
        with unchanged():
            assert errors(desk, change_page(buyer), mobile=stranger.mobile)

    def test_the_page_shows_and_keeps_the_default_address(
        self, desk: Client, buyer: User, address: Address
    ) -> None:
        User.objects.filter(pk=buyer.pk).update(default_address=address)
        save(desk, change_page(buyer), email="b@shop.example", default_address="")
        buyer.refresh_from_db()
        assert (buyer.email, buyer.default_address) == ("b@shop.example", address)

    def test_another_e_mail_is_not_verified_yet(self, desk: Client, buyer: User) -> None:
        User.objects.filter(pk=buyer.pk).update(email="a@shop.example", email_active=True)
        save(desk, change_page(buyer), first_name="Mei")
        assert User.objects.get(pk=buyer.pk).email_active
        save(desk, change_page(buyer), email="b@shop.example")
        assert not User.objects.get(pk=buyer.pk).email_active

    def test_unless_the_operator_says_so(self, desk: Client, buyer: User) -> None:
        save(desk, change_page(buyer), email="b@shop.example", email_active="on")
        assert User.objects.get(pk=buyer.pk).email_active

    def test_a_deactivated_buyer_is_out_at_once(self, desk: Client, buyer: User) -> None:
        shop = logged_in(buyer)
        assert shop.get("/api/v1/user/").status_code == 200
        User.objects.filter(pk=buyer.pk).update(is_active=False)
        refused(shop.get("/api/v1/user/"), status=401, code="user_inactive")

    def test_a_new_password_voids_the_tokens(self, desk: Client, buyer: User) -> None:
        shop = logged_in(buyer)
        page = f"/admin/users/user/{buyer.pk}/password/"
        desk.post(page, {"password1": "another-horse-8", "password2": "another-horse-8"})
        refused(shop.get("/api/v1/user/"), status=401, code="password_changed")


def test_rights_are_called_by_what_they_allow(desk: Client) -> None:
    group = Group.objects.create(name="clerks")
    html = desk.get(change_page(group)).content.decode()
    assert ">商品 | SKU | 修改</option>" in html
    assert ">可以查看进价</option>" in html
    assert "Can " not in html


def test_the_page_says_nothing_in_a_foreign_language(desk: Client) -> None:
    assert 'lang="zh-hans"' in desk.get("/admin/").content.decode()


def test_staff_without_the_right_cannot_make_themselves_superuser(buyer: User) -> None:
    clerk = UserFactory(is_staff=True)
    client = Client()
    client.force_login(clerk)
    with unchanged():
        answer = client.post(change_page(clerk), {"is_superuser": "on"})
    assert answer.status_code == 403


class TestClerk:
    """Staff with every right over users, and no superuser."""

    @pytest.fixture
    def clerk(self, db: None) -> User:
        clerk = UserFactory(username="clerk", is_staff=True)
        codes = [f"{verb}_user" for verb in ("view", "add", "change", "delete")]
        clerk.user_permissions.set(Permission.objects.filter(codename__in=codes))
        return clerk

    @pytest.fixture
    def counter(self, clerk: User) -> Client:
        client = Client()
        client.force_login(clerk)
        return client

    def test_gives_nobody_rights(self, counter: Client, buyer: User) -> None:
        group = Group.objects.create(name="all")
        rights = {"is_staff": "on", "is_superuser": "on", "groups": [group.pk]}
        save(counter, change_page(buyer), first_name="Mei", user_permissions=[1], **rights)
        buyer.refresh_from_db()
        assert buyer.first_name == "Mei"
        assert (buyer.is_staff, buyer.is_superuser) == (False, False)
        assert [*buyer.groups.all(), *buyer.user_permissions.all()] == []

    @pytest.mark.parametrize("of", ["clerk", "operator"])
    def test_touches_no_staff(
        self, of: str, counter: Client, operator: User, request: pytest.FixtureRequest
    ) -> None:
        staff: User = request.getfixturevalue(of)
        assert counter.get(change_page(staff)).status_code == 200
        password = {"password1": "another-horse-8", "password2": "another-horse-8"}
        page = f"/admin/users/user/{staff.pk}/"
        with unchanged():
            assert counter.post(f"{page}change/", {"mobile": "13900000001"}).status_code == 403
            assert counter.post(f"{page}password/", password).status_code == 403
            assert counter.post(f"{page}delete/", {"post": "yes"}).status_code == 403
            many = {"action": "delete_selected", "_selected_action": [staff.pk], "post": "yes"}
            counter.post("/admin/users/user/", many)

    def test_gives_no_group_rights_whatever_it_may_do_with_groups(
        self, counter: Client, clerk: User
    ) -> None:
        group = Group.objects.create(name="clerks")
        clerk.groups.add(group)
        codes = [f"{verb}_group" for verb in ("view", "add", "change", "delete")]
        clerk.user_permissions.add(*Permission.objects.filter(codename__in=codes))
        assert counter.get(change_page(group)).status_code == 200
        rights = {"name": "others", "permissions": [1]}
        many = {"action": "delete_selected", "_selected_action": [group.pk], "post": "yes"}
        page = f"/admin/auth/group/{group.pk}/delete/"
        assert counter.post(change_page(group), rights).status_code == 403
        assert counter.post("/admin/auth/group/add/", rights).status_code == 403
        assert counter.post(page, {"post": "yes"}).status_code == 403
        counter.post("/admin/auth/group/", many)
        assert Group.objects.get(pk=group.pk).name == "clerks"
        assert not group.permissions.exists()

    def test_looks_after_buyers(self, counter: Client, buyer: User) -> None:
        save(counter, change_page(buyer), mobile="13900000002")
        page = f"/admin/users/user/{buyer.pk}/password/"
        counter.post(page, {"password1": "another-horse-8", "password2": "another-horse-8"})
        buyer.refresh_from_db()
        assert buyer.mobile == "13900000002"
        assert buyer.check_password("another-horse-8")


def test_an_operator_can_sever_a_sign_in_and_nothing_more(desk: Client, buyer: User) -> None:
    account = OAuthAccount.objects.create(user=buyer, provider="qq", openid="OPENID")
    page = f"/admin/users/oauthaccount/{account.pk}/change/"
    assert desk.post(page, {"openid": "another"}).status_code == 403
    account.refresh_from_db()
    assert account.openid == "OPENID"
    desk.post(f"/admin/users/oauthaccount/{account.pk}/delete/", {"post": "yes"})
    assert OAuthAccount.objects.count() == 0
    assert User.objects.filter(pk=buyer.pk).exists()
