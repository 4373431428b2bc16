"""Which names an account may have, and when two names are the same."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from apps.users.models import User
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

SAME = [("Buyer", "bUYER"), ("Ärger", "äRGER"), ("Ｂuyer", "buyer"), ("Straße", "STRASSE")]


class TestTheSameName:
    @pytest.mark.parametrize(("ours", "theirs"), SAME)
    def test_no_database_takes_it_twice(self, ours: str, theirs: str) -> None:
        UserFactory(username=ours)
        with pytest.raises(IntegrityError), transaction.atomic():
            UserFactory(username=theirs)
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.bulk_create([UserFactory.build(username=theirs)])

    @pytest.mark.parametrize(("ours", "theirs"), SAME)
    def test_logs_in_as_the_same_user(self, ours: str, theirs: str, api: APIClient) -> None:
        user = UserFactory(username=ours)
        for name in (ours, theirs):
            body = {"username": name, "password": PASSWORD}
            session = api.post("/api/v1/authorizations/", body).json()
            assert (session["user_id"], session["username"]) == (user.pk, ours)

    def test_a_form_says_so_before_the_database_does(self, buyer: User) -> None:
        with pytest.raises(ValidationError) as refusal:
            UserFactory.build(username="BUYER").full_clean()
        assert refusal.value.message_dict == {"username": ["该用户名已被注册"]}
        buyer.full_clean()

    def test_follows_a_new_one(self, buyer: User) -> None:
        buyer.username = "Renamed"
        buyer.save()
        assert User.objects.named("renamed").get() == buyer
        assert not User.objects.named("buyer").exists()

    def test_other_scripts_are_other_names(self) -> None:
        names = ["小美的店铺", "小美的店舖", "Покупатель", "buyer_01", "buyer_02", "büyer_01"]
        names += ["𠮷𠮷野家1", "𠀀𠀁野家1"]  # no collation of old knows these
        users = {name: UserFactory(username=name).pk for name in names}
        assert {name: User.objects.named(name).get().pk for name in names} == users

    @pytest.mark.parametrize("asked", ["username__icontains", "username__iexact"])
    def test_operators_find_it_in_whatever_case(self, asked: str, buyer: User) -> None:
        assert User.objects.filter(**{asked: "BUYER"}).get() == buyer


class TestLikeAMobile:
    @pytest.mark.parametrize("username", ["13912345678", "19900000000"])
    def test_a_username_may_not_look_like_one(self, username: str) -> None:
        """Or it would shadow the mobile's owner at the login."""
        with pytest.raises(ValidationError) as refusal:
            UserFactory.build(username=username, mobile="13600000000").full_clean()
        assert refusal.value.message_dict.keys() == {"username"}

    @pytest.mark.parametrize("username", ["1390000000x", "139", "12912345678"])
    def test_almost_is_not(self, username: str) -> None:
        UserFactory.build(username=username, mobile="13600000000").full_clean()

    @pytest.mark.parametrize(
        "mobile", ["12000000000", "1390000000", "139000000000", "1390000000\n"]
    )
    def test_what_is_no_mobile(self, mobile: str) -> None:
        with pytest.raises(ValidationError) as refusal:
            UserFactory.build(mobile=mobile).full_clean()
        assert refusal.value.message_dict.keys() == {"mobile"}

    def test_two_operators_may_both_have_no_mobile(self) -> None:
        assert UserFactory(mobile=None).pk != UserFactory(mobile=None).pk
