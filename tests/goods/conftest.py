from types import SimpleNamespace

import pytest

from apps.goods.models import Category, Channel
from tests.factories import CategoryFactory


@pytest.fixture
def menu(db: None) -> SimpleNamespace:
    """数码 > 手机 > (智能手机, 老人机), and 图书 alone; only 数码 is a channel."""
    digital = CategoryFactory(name="数码", sequence=2)
    phones = CategoryFactory(name="手机", parent=digital)
    smart = CategoryFactory(name="智能手机", parent=phones, sequence=9)
    simple = CategoryFactory(name="老人机", parent=phones, sequence=1)
    books = CategoryFactory(name="图书", sequence=1)
    Channel.objects.create(group_id=1, category=digital, url="/digital.html")
    return SimpleNamespace(digital=digital, phones=phones, smart=smart, simple=simple, books=books)


def brief(category: Category) -> dict[str, object]:
    return {"id": category.pk, "name": category.name}
