"""Every operation of the OpenAPI description, with a request that is good as far as its names tell."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode

from drf_spectacular.generators import SchemaGenerator

from tests.contract.world import World
from tests.factories import PASSWORD

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
GONE = object()
"""In place of a value: leave it out."""

# What a parameter or field of this name may be, the first whose operation fits. Names of the world stand in braces.
GOOD: dict[str, Any] = {
    "order_id (comments|uncommentgoods)": "{received_order_id}",
    "order_id receive": "{shipped_order_id}",
    "order_id (refunds|payments/.out_trade_no)": "{paid_order_id}",
    "order_id POST .*/after_sales/": "{order_to_ask_back}",
    "lines /after_sales/": "{lines_to_ask_back}",
    "kind /after_sales/": "refund",
    "id /after_sales/pictures/": "{after_sale_picture_id}",
    "id /after_sales/": "{after_sale_id}",
    "pictures POST .*/pictures/": "{pictures_to_add}",
    "pictures": [],
    "order_id POST .*/invoice/": "{paid_order_id}",
    "order_id DELETE .*/invoice/": "{invoiced_order_id}",
    "order": "{received_order_id}",
    "id /invoice_titles/": "{invoice_title_id}",
    "id /users/": "{user_id}",
    "id": "{address_id}",
    "address": "{address_to_send_the_cart_to}",
    "sku": "{sku_id}",
    "sku_id /cart/": "{sku_in_cart}",
    "sku_id GET .*/favourites/": "{favourite_sku_id}",
    "goods_id": "{goods_id}",
    "area_id": "{province_id}",
    "account /invoice_titles/": "",
    "account": "buyer",
    "username /(usernames|authorizations)": "buyer",
    "username": "xiaomei",
    "password /authorizations": PASSWORD,
    "old_password": PASSWORD,
    "password": "a-horse-of-9",
    "password2": "a-horse-of-9",
    "mobile /(users|oauth|sms_codes)": "{new_mobile}",
    "sms_code /accounts": "{reset_code}",
    "sms_code": "{sign_up_code}",
    "access_token /users": "{reset_token}",
    "access_token /sms_codes": "{reset_ticket}",
    "access_token /oauth": "{binding_ticket}",
    "image_code_id": "{picture}",
    "text /(accounts|sms_codes)": "{text}",
    "allow": "true",
    "provider payment": "alipay",
    "provider DELETE .*/oauth": "{bound_provider}",
    "provider": "qq",
    "code /oauth": "{qq_code}",
    "state /user/": "{qq_state}",
    "product": "page",
    "openid": "",
    "amount": "1.00",
    "email": "a@shop.example",
    "token /invoices/": "{invoice_token}",
    "token": "{mail_token}",
    "refresh": "{refresh}",
    "pay_method": 1,
    "count": 1,
    "comment": "做工很好，用着顺手",
    "receiver": "王小美",
    "place": "和平路1号",
    "title /invoice/": "{invoice_title_id}",
    "title": "家",
    "kind /invoice_titles/": "personal",
    **dict.fromkeys(["tax_number", "bank", "phone"], ""),
    "tel": "",
    "images": [],
    "image": "{picture_file}",
    "page": 1,
}
# A link on a page of ours leads there.
HEADERS = {"/api/v1/oauth/{provider}/detour/": {"Referer": "http://testserver/login.html"}}
# OpenAPI knows no body of a DELETE.
OF_DELETE = {"/api/v1/cart/": {"sku_id": {"type": "integer"}}}
OF_TYPE = {"integer": 1, "number": 1, "boolean": True, "array": [], "object": {}, "string": "x"}


@dataclass(frozen=True)
class Operation:
    path: str
    method: str
    described: dict[str, Any]
    components: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def statuses(self) -> set[int]:
        """Every status that is documented."""
        return {int(status) for status in self.described["responses"]}

    @property
    def content_type(self) -> str:
        """What its body is, "" if it has none."""
        if self.method == "delete" and self.path in OF_DELETE:
            return JSON
        return next(iter(self.described.get("requestBody", {}).get("content", {})), "")

    @cached_property
    def fields(self) -> dict[str, dict]:
        """The body's, with their schemas."""
        if self.method == "delete":
            return OF_DELETE.get(self.path, {})
        if not self.content_type:
            return {}
        schema = self.described["requestBody"]["content"][self.content_type].get("schema", {})
        properties: dict[str, dict] = self._resolved(schema).get("properties", {})
        return {
            name: self._resolved(each)
            for name, each in properties.items()
            if not each.get("readOnly")
        }

    def parameters(self, where: str) -> dict[str, dict]:
        """Those in the ``path``, ``query``, ``header`` or ``cookie``, with their schemas."""
        listed = self.described.get("parameters", [])
        return {each["name"]: each["schema"] for each in listed if each["in"] == where}

    def good(self, world: World) -> "Request":
        """A request that is granted, unless somebody else must have signed it."""
        return Request(
            operation=self,
            path=self._good(self.parameters("path"), world),
            query={**dict.fromkeys(self.parameters("query"), GONE), **self._required(world)},
            body=self._good(self.fields, world),
            headers=HEADERS.get(self.path, {}),
        )

    def _required(self, world: World) -> dict[str, Any]:
        """The query that must be there, and what of the rest we know something good for."""
        required = {
            each["name"] for each in self.described.get("parameters", []) if each.get("required")
        }
        known = {
            name
            for name in self.parameters("query")
            if any(self._is_meant(each, name) for each in GOOD)
        }
        named = {
            name: schema
            for name, schema in self.parameters("query").items()
            if name in required | known
        }
        return self._good(named, world)

    def _good(self, named: dict[str, dict], world: World) -> dict[str, Any]:
        return {name: self._good_value(name, schema, world) for name, schema in named.items()}

    def _good_value(self, name: str, schema: dict, world: World) -> Any:
        default = f"{{{name}}}" if hasattr(World, name) else None
        value = next((GOOD[known] for known in GOOD if self._is_meant(known, name)), default)
        if isinstance(value, str) and value.startswith("{"):
            return world[value[1:-1]]
        if value is not None:
            return value
        choices = schema.get("enum")
        return choices[0] if choices else OF_TYPE.get(schema.get("type", ""), "x")

    def _is_meant(self, known: str, name: str) -> bool:
        known_name, _, where = known.partition(" ")
        return known_name == name and re.search(where, str(self)) is not None

    def _resolved(self, schema: dict) -> dict:
        inner = schema.get("allOf", schema.get("oneOf", [schema]))[0]
        name = inner.get("$ref", "").rpartition("/")[2]
        return self._resolved(self.components[name]) if name else inner


@dataclass(frozen=True)
class Request:
    operation: Operation
    path: dict[str, Any]
    query: dict[str, Any]
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)

    def but(self, part: str, name: str, value: Any) -> "Request":
        """The same, with one thing in its path, query, body or headers changed."""
        return replace(self, **{part: {**getattr(self, part), name: value}})

    def send(self, world: World, *, raw: bytes | None = None, content_type: str = "") -> Any:
        """Send it as the buyer; ``raw`` instead of the body."""
        token = {"Authorization": f"JWT {world.token}"}
        filled = self.operation.path
        for name, value in self.path.items():
            filled = filled.replace(f"{{{name}}}", _quoted(value))
        query = {name: value for name, value in self.query.items() if value is not GONE}
        body = {name: value for name, value in self.body.items() if value is not GONE}
        kind = content_type or self.operation.content_type
        if raw is None and kind.startswith(MULTIPART):
            form = {name: _sendable(value) for name, value in body.items()}
            return getattr(world.browser, self.operation.method)(
                f"{filled}?{_urlencoded(query)}",
                form,
                format="multipart",
                headers=self.headers | token,
            )
        if raw is None:
            raw = _urlencoded(body).encode() if kind == FORM else _json(body)
        return world.browser.generic(
            self.operation.method.upper(),
            f"{filled}?{_urlencoded(query)}",
            raw if kind else b"",
            content_type=kind or JSON,
            headers=self.headers | token,
        )


class Literal(str):
    """Stands in JSON as it is: what no encoder writes."""

    __slots__ = ()


def operations() -> Iterator[Operation]:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    components = schema["components"]["schemas"]
    for path, methods in schema["paths"].items():
        for method, described in methods.items():
            yield Operation(path, method, described, components)


def _quoted(value: Any) -> str:
    return quote(str(value).encode(errors="surrogatepass"), safe="")


def _urlencoded(values: dict[str, Any]) -> str:
    return urlencode(
        {name: str(value).encode(errors="surrogatepass") for name, value in values.items()}
    )


def _sendable(value: Any) -> Any:
    if hasattr(value, "seek"):
        value.seek(0)
    return value.encode(errors="replace").decode() if isinstance(value, str) else value


def _json(body: dict[str, Any]) -> bytes:
    """With a lone surrogate as an escape, and literals as they are."""
    fields = (
        f"{json.dumps(name)}: {value if isinstance(value, Literal) else json.dumps(value)}"
        for name, value in body.items()
    )
    return f"{{{', '.join(fields)}}}".encode()
