"""Every error is an RFC 9457 problem, and always a JSON object."""

import logging
import re
from typing import Any

import pytest
from django.utils.translation import override
from pytest_django import Settings
from rest_framework.test import APIClient

from apps.core.exceptions import DomainError, GatewayError, Unavailable
from tests.core.refusals import invalid, refused

pytestmark = pytest.mark.urls("tests.core.urls")


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("domain", 400, "refused"),
        ("forged", 403, "forged"),
        ("missing", 404, "not_found"),
        ("conflict", 409, "conflict"),
        ("unprocessable", 422, "unprocessable"),
        ("gateway", 502, "gateway_failed"),
        ("not-found", 404, "not_found"),
        ("denied", 403, "permission_denied"),
    ],
)
def test_each_kind_of_refusal_has_its_status(
    name: str, status: int, code: str, api: APIClient
) -> None:
    answer = api.get(f"/api/failing/{name}/")
    refused(answer, status=status, code=code)
    assert "Retry-After" not in answer


def test_a_refusal_takes_the_status_of_its_kind_and_shows_its_data(api: APIClient) -> None:
    body = refused(api.get("/api/failing/subclass/"), status=409, code="cup_too_small")
    assert body["limit"] == 2
    assert body["title"] == "The cup is too small."
    assert body["detail"] == "It holds 2."
    assert body["non_field_errors"] == ["It holds 2."]


@pytest.mark.parametrize(
    ("name", "status", "code", "seconds"),
    [
        ("unavailable", 503, "unavailable", "5"),
        ("redis-connection", 503, "unavailable", "2"),
        ("redis-timeout", 503, "unavailable", "2"),
        ("later", 409, "conflict", "7"),
        ("throttled", 429, "throttled", "9"),
    ],
)
def test_who_may_come_again_is_told_when(
    name: str, status: int, code: str, seconds: str, api: APIClient
) -> None:
    answer = api.get(f"/api/failing/{name}/")
    refused(answer, status=status, code=code)
    assert answer["Retry-After"] == seconds


class TestValidation:
    def test_field_errors_stand_in_errors_and_at_the_top(self, api: APIClient) -> None:
        body = invalid(tray(api, code="x"), "code")
        assert body["errors"]["code"] == ["请填写合法的整数值。"]
        assert body["detail"] == "请填写合法的整数值。"
        assert body["non_field_errors"] == ["请填写合法的整数值。"]

    def test_a_field_does_not_overwrite_what_the_problem_itself_says(self, api: APIClient) -> None:
        body = invalid(tray(api, title="too long", code="x"), "title", "code")
        assert isinstance(body["title"], str)
        assert body["code"] == "invalid"
        assert body["errors"]["title"] == ["请确保这个字段不能超过 3 个字符。"]

    def test_of_nested_errors_the_first_sentence_is_the_message(self, api: APIClient) -> None:
        answer = tray(api, cups=[{"size": 1}, {"size": "big"}])
        body = refused(answer, status=400, code="invalid")
        assert body["errors"] == {"cups": {"1": {"size": ["请填写合法的整数值。"]}}}
        assert body["cups"] == body["errors"]["cups"]
        assert body["message"] == "请填写合法的整数值。"

    @pytest.mark.parametrize(
        ("language", "message"),
        [
            ("zh-hans", "地址名称：请确保这个字段不能超过 3 个字符。"),
            ("en", "title: Ensure this field has no more than 3 characters."),
        ],
    )
    def test_the_message_says_which_field_is_meant(
        self, language: str, message: str, api: APIClient
    ) -> None:
        api.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        body = invalid(tray(api, title="too long"), "title")
        assert body["message"] == body["detail"] == message
        assert body["non_field_errors"] == [message]
        assert body["errors"]["title"] == [message.split("：")[-1].split(": ")[-1]]

    def test_unless_the_sentence_does_itself(self, api: APIClient) -> None:
        sentence = "The Title of a tray is short."
        api.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        body = invalid(api.get("/api/failing/titled/"), "title")
        assert body["errors"]["title"] == [sentence]
        assert body["message"] == sentence

    def test_half_a_character_that_is_quoted(self, api: APIClient) -> None:
        sent = r'{"cups": [{"size": 1, "colour": "\ud800"}], "title": "a", "code": 1}'
        answer = api.generic("POST", "/api/tray/", sent, content_type="application/json")
        assert answer.status_code == 400
        assert answer.json()["message"] == "“\ud800” 不是合法选项。"

    def test_what_no_field_is_to_blame_for(self, api: APIClient) -> None:
        body = invalid(tray(api), "non_field_errors")
        assert body["non_field_errors"] == ["The tray is too heavy."]
        assert body["message"] == "The tray is too heavy."

    def test_a_list_of_errors_is_still_an_object(self, api: APIClient) -> None:
        answer = api.post("/api/cups/", [{"size": 1}, {"size": "big"}, {}])
        body = refused(answer, status=400, code="invalid")
        assert body["message"] == "请填写合法的整数值。"
        assert body["non_field_errors"] == ["请填写合法的整数值。"]
        assert body["errors"]["2"] == {"size": ["该字段是必填项。"]}

    @pytest.mark.parametrize(
        ("name", "sentences"),
        [("sentence", ["Only a sentence."]), ("sentences", ["One.", "Two."])],
    )
    def test_bare_sentences(self, name: str, sentences: list[str], api: APIClient) -> None:
        body = refused(api.get(f"/api/failing/{name}/"), status=400, code="invalid")
        assert body["non_field_errors"] == sentences
        assert body["message"] == sentences[0]


def tray(api: APIClient, **fields: Any) -> Any:
    return api.post("/api/tray/", {"title": "abc", "code": 1, "cups": [{"size": 1}], **fields})


@pytest.mark.parametrize("body", ["", "{", "[", '{"a": NaN}', '{"a": 1,}', "\xff", "9" * 5000])
def test_what_is_not_json_cannot_be_parsed(body: str, api: APIClient) -> None:
    data = body.encode("latin-1")
    answer = api.generic("POST", "/api/tray/", data, content_type="application/json")
    if body:
        told = refused(answer, status=400, code="parse_error")
        assert not re.search("[A-Za-z]", told["detail"].replace("JSON", ""))
    else:
        invalid(answer, "title", "code", "cups")


@pytest.mark.parametrize("body", [[], "text", 7, None, True])
def test_json_that_is_no_object(body: Any, api: APIClient) -> None:
    refused(api.post("/api/tray/", body), status=400, code="invalid")


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded"])
def test_other_media_types(media_type: str, api: APIClient) -> None:
    answer = api.generic("POST", "/api/tray/", "a=1", content_type=media_type)
    refused(answer, status=415, code="unsupported_media_type")


def test_a_method_that_is_not_there(api: APIClient) -> None:
    answer = api.delete("/api/tray/")
    refused(answer, status=405, code="method_not_allowed")
    assert answer["Allow"] == "POST, OPTIONS"


def test_an_answer_in_a_format_we_do_not_speak(api: APIClient) -> None:
    for answer in (
        api.get("/api/members/", HTTP_ACCEPT="text/csv"),
        api.get("/api/members/?format=csv"),
    ):
        refused(answer, status=401, code="not_authenticated")


def test_nobody_may_not_enter(api: APIClient) -> None:
    answer = api.get("/api/members/")
    refused(answer, status=401, code="not_authenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", ["/api/nothing/", "/api/v1/nothing/", "/api/v1/skus/abc/"])
def test_an_unknown_path_of_the_api(path: str, api: APIClient) -> None:
    refused(api.get(path), status=404, code="not_found")


def test_an_unknown_page_is_a_page(api: APIClient) -> None:
    answer = api.get("/nothing/")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


def test_a_suspicious_request(api: APIClient) -> None:
    refused(api.get("/api/suspicious/"), status=400, code="bad_request")
    page = api.get("/suspicious/")
    assert (page.status_code, page["Content-Type"][:9]) == (400, "text/html")


def test_a_bug_is_a_problem_too_and_is_logged(
    api: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    api.raise_request_exception = False
    with caplog.at_level(logging.ERROR, logger="django.request"):
        body = refused(api.get("/api/failing/bug/"), status=500, code="server_error")
    assert "a bug" not in str(body)
    assert "ZeroDivisionError" in caplog.text


def test_a_bug_in_a_page_is_a_page(api: APIClient) -> None:
    api.raise_request_exception = False
    page = api.get("/buggy/")
    assert (page.status_code, page["Content-Type"][:9]) == (500, "text/html")


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (None, "身份认证信息未提供。"),
        ("zh-CN", "身份认证信息未提供。"),
        ("fr", "身份认证信息未提供。"),
        ("en", "Authentication credentials were not provided."),
        ("en-GB,zh;q=0.5", "Authentication credentials were not provided."),
    ],
)
def test_chinese_unless_english_is_asked_for(
    language: str | None, sentence: str, api: APIClient
) -> None:
    headers = {"Accept-Language": language} if language else {}
    assert api.get("/api/members/", headers=headers).json()["message"] == sentence


def all_refusals() -> list[type[Exception]]:
    """Every kind of refusal that the shop's apps define."""
    found, waiting = [], [DomainError, Unavailable, GatewayError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        found += [kind] if kind.__module__.startswith("apps.") else []
    return found


def test_every_refusal_has_a_code_of_its_own_and_speaks_both_languages() -> None:
    # What has no code of its own is, to a client, what it is a kind of.
    kinds = [kind for kind in all_refusals() if "code" in vars(kind)]
    assert len(kinds) > 15
    assert len({kind.code for kind in kinds}) == len(kinds)
    for kind in kinds:
        with override("zh-hans"):
            chinese = str(kind.title)
        with override("en"):
            english = str(kind.title)
        assert re.search("[一-鿿]", chinese), kind
        assert english.isascii(), kind


def test_the_process_says_that_it_lives(api: APIClient) -> None:
    answer = api.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.urls("meiduo.urls")
def test_a_mistyped_address_is_a_problem_for_every_method_and_asks_for_no_cookie() -> None:
    browser = APIClient(enforce_csrf_checks=True)
    for method in (browser.get, browser.post, browser.put, browser.delete):
        refused(method("/api/v1/mistyped/"), status=404, code="not_found")


@pytest.mark.urls("meiduo.urls")
def test_a_body_of_ten_megabytes_is_refused_before_it_is_read(api: APIClient) -> None:
    body = b'{"username": "' + b"x" * 10_000_000 + b'"}'
    answer = api.post("/api/v1/authorizations/", body, content_type="application/json")
    refused(answer, status=413, code="too_large")


@pytest.mark.urls("meiduo.urls")
@pytest.mark.parametrize("debug", [False, True])
def test_more_parameters_than_anybody_asks_for_are_a_problem(
    api: APIClient, settings: Settings, debug: bool
) -> None:
    settings.DEBUG = debug  # Django's page for developers fails on them
    answer = api.get("/api/v1/brands/?" + "&".join(["a=1"] * 1001))
    refused(answer, status=400, code="bad_request")


@pytest.mark.urls("meiduo.urls")
def test_a_form_is_not_json(api: APIClient) -> None:
    answer = api.post("/api/v1/authorizations/", "username=x", content_type="text/plain")
    refused(answer, status=415, code="unsupported_media_type")
