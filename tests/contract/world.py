"""A shop in which every request of the contract has an answer; what a row does not need is not made."""

from collections.abc import Callable
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import RefreshToken

from apps.after_sales.models import AfterSalePicture
from apps.after_sales.services import request_after_sale
from apps.goods.models import SKU, Channel
from apps.invoices.models import Invoice, InvoiceTitle
from apps.invoices.services import pdf_link, record_issued, request_invoice
from apps.orders.models import OrderInfo
from apps.payment.models import Payment
from apps.payment.services import settle_cash
from apps.users.gateways import Identity
from apps.users.models import Address, OAuthAccount, User
from apps.users.services import binding_token
from apps.users.services.passwords import reset_tokens
from apps.verifications.services import Purpose, send_sms_code
from tests import factories
from tests.conftest import Phones, access_token
from tests.factories import (
    AddressFactory,
    FavouriteFactory,
    OrderInfoFactory,
    ReviewFactory,
    SKUFactory,
    UserFactory,
)
from tests.users.fake_provider import FakeProvider
from tests.verifications.conftest import picture, shown

BUYER, NEW_BUYER = "13900000001", "13600000001"
QQ_OPENID = "B" * 32
HERE = "1.2.3.4"


class World:
    qq: FakeProvider

    def __init__(self, phones: Phones, commits: Callable[..., Any]) -> None:
        self.phones = phones
        self.commits = commits
        self.browser = APIClient()
        self.qq_state = self.binding_token = ""
        self.buyer: User = UserFactory(username="buyer", mobile=BUYER)

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)

    # --- Who ------------------------------------------------------------------------------------

    @cached_property
    def token(self) -> str:
        return access_token(self.buyer)

    @cached_property
    def operator(self) -> User:
        return UserFactory(
            username="operator", mobile="13500000001", is_staff=True, is_superuser=True
        )

    @property
    def refresh(self) -> str:
        return str(RefreshToken.for_user(self.buyer))

    @property
    def user_id(self) -> int:
        return self.buyer.pk

    @property
    def mobile(self) -> str:
        return BUYER

    @property
    def new_mobile(self) -> str:
        return NEW_BUYER

    # --- Codes and tickets ----------------------------------------------------------------------

    @cached_property
    def picture(self) -> str:
        return picture()

    @property
    def text(self) -> str:
        """What the picture shows, typed in small letters."""
        return shown(self.picture).lower()

    def _sms(self, mobile: str, purpose: Purpose) -> str:
        send_sms_code(mobile, purpose=purpose, address=HERE)
        return self.phones.code(mobile)

    @cached_property
    def sign_up_code(self) -> str:
        return self._sms(NEW_BUYER, Purpose.SIGN_UP)

    @cached_property
    def reset_code(self) -> str:
        return self._sms(BUYER, Purpose.RESET)

    @property
    def reset_ticket(self) -> str:
        image = picture()
        query = {"text": shown(image), "image_code_id": image}
        answer = self.browser.get("/api/v1/accounts/buyer/sms/token/", query)
        return answer.json()["access_token"]

    @property
    def reset_token(self) -> str:
        return reset_tokens.make_token(self.buyer)

    @property
    def binding_ticket(self) -> str:
        return binding_token(Identity("qq", "A" * 32))

    @property
    def qq_code(self) -> str:
        """QQ's, for a sign-in of this browser that was begun just now; its state is ``qq_state``."""
        begun = self.browser.get("/api/v1/oauth/qq/authorization/?next=/cart.html")
        location = self.qq.consent(begun.json()["login_url"], QQ_OPENID)
        query = parse_qs(urlsplit(location).query)
        self.qq_state = query["state"][0]
        return query["code"][0]

    @cached_property
    def bound_provider(self) -> str:
        OAuthAccount.objects.create(user=self.buyer, provider="qq", openid="C" * 32)
        return "qq"

    @cached_property
    def mail_token(self) -> str:
        """The one in the link of the mail."""
        with self.commits(execute=True):
            headers = {"Authorization": f"JWT {self.token}"}
            self.browser.put("/api/v1/email/", {"email": "a@shop.example"}, headers=headers)
        link = next(line for line in str(mail.outbox[-1].body).split() if line.startswith("http"))
        return parse_qs(urlsplit(link).query)["token"][0]

    # --- The catalogue --------------------------------------------------------------------------

    @cached_property
    def sku(self) -> SKU:
        sku = SKUFactory(name="小米手机", default_image="skus/phone.jpg")
        top = sku.category.parent.parent
        Channel.objects.create(group_id=1, category=top, url="http://shop.example/phones")
        return sku

    @property
    def sku_id(self) -> int:
        return self.sku.pk

    @property
    def sku_id_as_text(self) -> str:
        return str(self.sku.pk)

    @property
    def goods_id(self) -> int:
        return self.sku.goods_id

    @property
    def category_id(self) -> int:
        return self.sku.category_id

    @property
    def middle_category_id(self) -> int:
        return self.sku.category.parent_id

    @cached_property
    def reviewed_sku_id(self) -> int:
        review = ReviewFactory(sku=self.sku, user__username="zhangsan", is_anonymous=True, score=4)
        return review.sku_id

    @cached_property
    def favourite_sku_id(self) -> int:
        return FavouriteFactory(user=self.buyer, sku=self.sku).sku_id

    @cached_property
    def visited_sku_id(self) -> int:
        """The buyer has looked at it."""
        headers = {"Authorization": f"JWT {self.token}"}
        body = {"sku_id": self.sku_id_as_text}
        self.browser.post("/api/v1/browse_histories/", body, headers=headers)
        return self.sku_id

    # --- The buyer's things ---------------------------------------------------------------------

    @cached_property
    def address(self) -> Address:
        address = AddressFactory(user=self.buyer, email="a@shop.example", tel="010-1234567")
        User.objects.filter(pk=self.buyer.pk).update(default_address=address)
        return address

    @property
    def address_id(self) -> int:
        return self.address.pk

    @property
    def address_to_send_the_cart_to(self) -> int:
        assert self.sku_in_cart
        return self.address_id

    @cached_property
    def picture_file(self) -> SimpleUploadedFile:
        return factories.picture()

    @property
    def province_id(self) -> int:
        return self.address.province_id

    @property
    def city_id(self) -> int:
        return self.address.city_id

    @property
    def district_id(self) -> int:
        return self.address.district_id

    @cached_property
    def line_of(self) -> Callable[[str], int]:
        """Put one unit into the cart of who asks; the SKU's id."""

        def put(who: str) -> int:
            headers = {"Authorization": f"JWT {self.token}"} if who == "buyer" else {}
            body = {"sku_id": self.sku.pk, "count": 1}
            answer = self.browser.post("/api/v1/cart/", body, headers=headers)
            assert answer.status_code == 201, answer.content
            return self.sku.pk

        return put

    @cached_property
    def sku_in_cart(self) -> int:
        return self.line_of("buyer")

    @cached_property
    def sku_in_visitors_cart(self) -> int:
        return self.line_of("nobody")

    @cached_property
    def order_id(self) -> str:
        """To be paid by Alipay."""
        self.line_of("buyer")
        headers = {"Authorization": f"JWT {self.token}"}
        body = {"address": self.address.pk, "pay_method": 2}
        return self.browser.post("/api/v1/orders/", body, headers=headers).json()["order_id"]

    @cached_property
    def received_order(self) -> OrderInfo:
        return OrderInfoFactory(
            user=self.buyer, skus=[self.sku, SKUFactory(default_image="skus/b.png")]
        )

    @cached_property
    def shipped_order_id(self) -> str:
        return OrderInfoFactory(user=self.buyer, status=OrderInfo.Status.UNRECEIVED).pk

    @property
    def received_order_id(self) -> str:
        return self.received_order.pk

    @cached_property
    def payment(self) -> Payment:
        """What settled an order, in cash: its provider need not be asked."""
        order = OrderInfoFactory(user=self.buyer, skus=[self.sku])
        return settle_cash(order.pk, by=self.operator)

    @property
    def paid_order_id(self) -> str:
        return self.payment.order_id

    @property
    def out_trade_no(self) -> str:
        return self.payment.out_trade_no

    # --- After the sale -------------------------------------------------------------------------

    @cached_property
    def received_and_paid(self) -> OrderInfo:
        order: OrderInfo = OrderInfoFactory(user=self.buyer)
        settle_cash(order.pk, by=self.operator)
        return order

    @property
    def order_to_ask_back(self) -> str:
        return self.received_and_paid.pk

    @property
    def lines_to_ask_back(self) -> list[dict[str, int]]:
        return [{"line": self.received_and_paid.skus.get().pk, "count": 1}]

    @cached_property
    def after_sale_id(self) -> int:
        """One that waits."""
        order = self.received_and_paid
        counts = {order.skus.get().pk: 1}
        return request_after_sale(
            order.pk, kind="refund", reason="damaged", counts=counts, by=self.buyer
        ).pk

    @cached_property
    def after_sale_picture_id(self) -> int:
        """One that no request shows."""
        return AfterSalePicture.objects.create(user=self.buyer, image=factories.picture()).pk

    @property
    def pictures_to_add(self) -> list[int]:
        return [self.after_sale_picture_id]

    # --- Invoices -------------------------------------------------------------------------------

    @cached_property
    def invoice_title(self) -> InvoiceTitle:
        return InvoiceTitle.objects.create(user=self.buyer, kind="personal", name="王小美")

    @property
    def invoice_title_id(self) -> int:
        return self.invoice_title.pk

    @cached_property
    def invoice(self) -> Invoice:
        """Asked for, and not issued yet."""
        order = self.payment.order
        return request_invoice(order, title=self.invoice_title, by=self.buyer)[0]

    @property
    def invoiced_order_id(self) -> str:
        return self.invoice.order_id

    @cached_property
    def invoice_token(self) -> str:
        """The end of the address at which the PDF of an issued one is."""
        issued = record_issued(
            self.invoice.pk,
            number="25312000000012345678",
            amount=self.invoice.amount,
            by=self.operator,
            pdf=SimpleUploadedFile("invoice.pdf", b"%PDF-1.7\n...\n%%EOF\n", "application/pdf"),
        )
        link = pdf_link(issued)
        assert link
        return link.rstrip("/").rpartition("/")[2]
