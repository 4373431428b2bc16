"""Who buys and works in the demo shop: logins whose passwords everyone knows, and a crowd of past customers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management import CommandError, call_command

from apps.areas.models import Area
from apps.demo.rows import Rows, times
from apps.operators.models import Role
from apps.users.models import Address, User, folded

BUYER, BUYER_MOBILE, BUYER_PASSWORD = "demo_buyer", "13800000001", "meiduo-demo-1"
OPERATOR, OPERATOR_MOBILE, OPERATOR_PASSWORD = "demo_operator", "13800000002", "meiduo-demo-2"
# Who works there: the key of his role, by his name. They share a password, as whoever tries them out is one person.
ROLES = {
    "demo_service": "service",
    "demo_warehouse": "warehouse",
    "demo_finance": "finance",
    "demo_catalogue": "catalogue",
    "demo_manager": "manager",
}
ROLES_PASSWORD = "meiduo-demo-3"  # noqa: S105  everyone knows it
FINANCE = "demo_finance"
CROWD = tuple(f"demo_guest_{number:02d}" for number in range(1, 41))

# District code and a street in it. A code begins with its city's and its province's.
PLACES = (
    (110105, "望京街道银杏里8号楼2单元601室"),
    (310115, "张江镇梧桐路168弄12号302室"),
    (440305, "粤海街道云帆大厦B座1507"),
    (330106, "文新街道竹海苑5幢1单元203室"),
    (510107, "浆洗街道锦里春晓3栋9层2号"),
    (420106, "珞珈山街道樱园小区7栋404室"),
    (320106, "宁海路街道秋水巷21号"),
    (610113, "小寨路街道明德雅居2号楼1802室"),
    (500103, "解放碑街道江畔名都A座2206"),
    (350203, "中华街道海风里66号之二"),
    (430104, "岳麓街道橘洲新苑11栋703室"),
    (370202, "八大关街道听涛路9号"),
)
SURNAMES = "林陈周许苏沈方程顾陆"
GIVEN_NAMES = (
    "一然",
    "子墨",
    "雨桐",
    "浩宇",
    "思远",
    "语嫣",
    "明轩",
    "佳宁",
    "若溪",
    "景行",
    "安之",
    "知夏",
    "予安",
)


@dataclass(frozen=True)
class Recipient:
    """Where an order goes, as its snapshot says it."""

    receiver: str
    mobile: str
    district: int
    place: str


def recipient(number: int) -> Recipient:
    """The person with this number, always the same; there are as many as one likes."""
    district, place = PLACES[number % len(PLACES)]
    return Recipient(
        receiver=SURNAMES[number % len(SURNAMES)] + GIVEN_NAMES[number % len(GIVEN_NAMES)],
        mobile=f"1380000{101 + number % 9_000:04d}",
        district=district,
        place=place,
    )


@dataclass(frozen=True)
class Buyer:
    """Who orders, and the address columns of the order."""

    user_id: int
    address: Mapping[str, str]


@dataclass(frozen=True)
class Staff:
    """Who works in the demo shop: their users' keys."""

    service: int
    warehouse: int
    finance: int


def area_names() -> dict[int, str]:
    """Names of the places' districts, their cities and provinces; loads the areas if they are not there."""
    codes = {code for district, _ in PLACES for code in _levels(district)}
    if Area.objects.filter(pk__in=codes).count() < len(codes):
        call_command("load_areas", verbosity=0)
    return dict(Area.objects.filter(pk__in=codes).values_list("pk", "name"))


def buyer(user_id: int, number: int, area_name: Mapping[int, str]) -> Buyer:
    """The user, living where the recipient with this number lives."""
    to = recipient(number)
    province, city, district = (area_name[code] for code in _levels(to.district))
    areas = {"province": province, "city": city, "district": district}
    person = {"receiver": to.receiver, "mobile": to.mobile, "place": to.place}
    return Buyer(user_id, {**person, **areas})


def account(username: str, **columns: Any) -> User:
    """A user for ``Rows``, which ask no column for what it would fill in by itself."""
    return User(username=username, username_folded=folded(username), **columns)


def create_missing(now: datetime) -> list[str]:
    """Create the logins and the crowd as far as they do not exist; tell the names of the new logins."""
    names = {BUYER, OPERATOR, *ROLES, *CROWD}
    known = set(User.objects.filter(username__in=names).values_list("username", flat=True))
    new = [name for name in (BUYER, OPERATOR, *ROLES) if name not in known]
    guests = [number for number, name in enumerate(CROWD) if name not in known]
    _refuse_taken_mobiles(new, guests)

    rows, joined = Rows(), now - timedelta(days=90)
    defaults: dict[int, int] = {}
    if BUYER in new:
        user = account(BUYER, mobile=BUYER_MOBILE, password=make_password(BUYER_PASSWORD))
        rows.add(user)
        home, office = (_address(rows, user, number, now) for number in (0, 1))
        home.title, office.title, defaults[user.pk] = "家", "公司", home.pk
    if OPERATOR in new:
        password = make_password(OPERATOR_PASSWORD)
        operator = account(OPERATOR, mobile=OPERATOR_MOBILE, password=password)
        operator.is_staff = operator.is_superuser = True
        rows.add(operator)
    workers = [name for name in ROLES if name in new]
    if workers:
        password = make_password(ROLES_PASSWORD)  # takes its time, so once
        for name in workers:
            rows.add(account(name, password=password, is_staff=True))
    for number in guests:
        guest = account(CROWD[number], mobile=recipient(number).mobile, date_joined=joined)
        guest.set_unusable_password()
        rows.add(guest)
        defaults[guest.pk] = _address(rows, guest, number, joined).pk
    rows.write()
    _set_defaults(defaults)
    _give_roles(workers)
    return new


def crowd(area_name: Mapping[int, str]) -> list[Buyer]:
    """The past customers, each at their own address."""
    ids = User.objects.filter(username__in=CROWD).order_by("username").values_list("pk", flat=True)
    return [buyer(user_id, number, area_name) for number, user_id in enumerate(ids)]


def demo_buyer(area_name: Mapping[int, str]) -> Buyer:
    """The one who can log in, at the first address of the book he begins with."""
    return buyer(_id_of(BUYER), 0, area_name)


def staff() -> Staff:
    """Who did what there is to see."""
    return Staff(
        service=_id_of("demo_service"),
        warehouse=_id_of("demo_warehouse"),
        finance=_id_of(FINANCE),
    )


def _id_of(username: str) -> int:
    return User.objects.values_list("pk", flat=True).get(username=username)


def _refuse_taken_mobiles(new: list[str], guests: list[int]) -> None:
    mobile_of = {BUYER: BUYER_MOBILE, OPERATOR: OPERATOR_MOBILE}
    wanted = [mobile_of[name] for name in new if name in mobile_of] + [
        recipient(number).mobile for number in guests
    ]
    taken = User.objects.filter(mobile__in=wanted).order_by("mobile").first()
    if taken:
        raise CommandError(
            f"User {taken.username} has the mobile number {taken.mobile}, which a demo user needs."
        )


def _address(rows: Rows, user: User, number: int, at: datetime) -> Address:
    to = recipient(number)
    province, city, district = _levels(to.district)
    return rows.add(
        Address(
            user_id=user.pk,
            title=to.receiver,
            receiver=to.receiver,
            province_id=province,
            city_id=city,
            district_id=district,
            place=to.place,
            mobile=to.mobile,
            **times(at),
        )
    )


def _give_roles(names: list[str]) -> None:
    group_of = dict(Role.objects.values_list("key", "group"))
    for user in User.objects.filter(username__in=names):
        if group := group_of.get(ROLES[user.username]):  # its superuser may have deleted it
            user.groups.add(group)


def _set_defaults(address_of_user: dict[int, int]) -> None:
    users = list(User.objects.filter(pk__in=address_of_user).only("pk", "default_address"))
    for user in users:
        user.default_address_id = address_of_user[user.pk]
    User.objects.bulk_update(users, ["default_address"])


def _levels(district: int) -> tuple[int, int, int]:
    return district // 10_000 * 10_000, district // 100 * 100, district
