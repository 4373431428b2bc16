"""What is found by what a buyer types, and what stands first."""

from collections.abc import Iterator

import pytest

from apps.search.gateways import analysis
from apps.search.gateways.base import Asked, Document, Engine
from apps.search.gateways.embedded import EmbeddedEngine
from tests.search.conftest import document

PHONES = ("手机数码", "手机通讯", "智能手机")
LAPTOPS = ("电脑办公", "电脑整机", "笔记本电脑")
HEADSETS = ("手机数码", "影音娱乐", "头戴耳机")
TEA = ("食品生鲜", "茶饮冲调", "茶叶")
TOYS = ("母婴", "玩具", "毛绒玩具")
BOOKS = ("图书", "文艺", "小说")

XIAOMI, XIAOMI_SMALL, HUAWEI, IPHONE, LAPTOP, SONY, TEA_BOX, BEAR, BOOK, RICE, CASE = range(1, 12)
SHOP = [
    document(
        XIAOMI,
        "小米15 Pro 5G手机 亮银 12GB+256GB",
        goods="小米15 Pro 5G手机",
        brand="小米",
        categories=PHONES,
        specs=(("颜色", "亮银"), ("版本", "12GB+256GB")),
        caption="徕卡影像 骁龙处理器",
    ),
    document(
        XIAOMI_SMALL,
        "小米15 Pro 5G手机 岩灰 16GB+512GB",
        goods="小米15 Pro 5G手机",
        brand="小米",
        categories=PHONES,
        specs=(("颜色", "岩灰"), ("版本", "16GB+512GB")),
    ),
    document(
        HUAWEI,
        "华为 Mate 60 手机 雅丹黑",
        brand="华为（HUAWEI）",
        categories=PHONES,
        specs=(("颜色", "雅丹黑"),),
    ),
    document(IPHONE, "Apple iPhone 15 Pro Max 512GB", brand="苹果（Apple）", categories=PHONES),
    document(
        LAPTOP,
        "联想 ThinkPad X1 笔记本电脑",
        brand="联想（Lenovo）",
        categories=LAPTOPS,
        caption="轻薄商务 送音乐会员",
    ),
    document(SONY, "索尼 WH-1000XM5 头戴式降噪耳机", brand="索尼（SONY）", categories=HEADSETS),
    document(TEA_BOX, "西湖龙井 明前绿茶 礼盒 250g", brand="山岫", categories=TEA),
    document(
        BEAR, "泰迪熊 毛绒公仔 T恤款", brand="乐园", categories=TOYS, caption="小朋友爱的米色"
    ),
    document(BOOK, "《音乐之声》 精装", brand="隅石书局", categories=BOOKS),
    document(RICE, "五常大米 10kg", brand="粟田", categories=("食品生鲜", "粮油", "大米")),
    document(
        CASE,
        "手机壳 磁吸透明",
        brand="格砚",
        categories=("手机数码", "手机配件", "手机壳"),
        caption="适用小米15 华为",
    ),
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    stored = EmbeddedEngine(tmp_path_factory.mktemp("index"))
    stored.rebuild(SHOP)
    return stored


def found(engine: Engine, text: str) -> list[int]:
    return engine.search(Asked(text)).ids


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # as it is written
        ("龙井", {TEA_BOX}),
        ("笔记本", {LAPTOP}),
        ("智能手机", {XIAOMI, XIAOMI_SMALL, HUAWEI, IPHONE}),
        ("岩灰", {XIAOMI_SMALL}),
        ("徕卡", {XIAOMI}),
        ("茶", {TEA_BOX}),
        ("小米手机", {XIAOMI, XIAOMI_SMALL, CASE}),
        ("小米 16GB+512GB", {XIAOMI_SMALL}),
        ("手机 华为", {HUAWEI, CASE}),
        ("降噪的耳机", {SONY}),
        # case, width, units, model numbers
        ("IPHONE", {IPHONE}),
        ("ｉＰｈｏｎｅ　１５", {IPHONE}),
        ("iphone15", {IPHONE}),
        ("iphone 15 pro max", {IPHONE}),
        ("256g", {XIAOMI}),
        ("256 GB", {XIAOMI}),
        ("512GB 岩灰", {XIAOMI_SMALL}),
        ("10公斤", {RICE}),
        ("250克", {TEA_BOX}),
        ("10KG", {RICE}),
        ("WH1000XM5", {SONY}),
        ("wh-1000xm5", {SONY}),
        ("1000xm5", {SONY}),
        ("xm5", {SONY}),
        ("x1", {LAPTOP}),
        ("T恤", {BEAR}),
        ("小米15", {XIAOMI, XIAOMI_SMALL, CASE}),
        # pinyin and initials
        ("xiaomi", {XIAOMI, XIAOMI_SMALL}),
        ("xiao mi", {XIAOMI, XIAOMI_SMALL}),
        ("XiaoMi", {XIAOMI, XIAOMI_SMALL}),
        ("xiaomishouji", {XIAOMI, XIAOMI_SMALL}),
        ("xmsj", {XIAOMI, XIAOMI_SMALL}),
        ("longjing", {TEA_BOX}),
        ("yinyue", {BOOK}),
        ("bijiben", {LAPTOP}),
        ("znsj", {XIAOMI, XIAOMI_SMALL, HUAWEI, IPHONE}),
        ("cha", {TEA_BOX}),
        ("lianxiang", {LAPTOP}),
        ("huawei", {HUAWEI}),
        ("xiaomi 岩灰", {XIAOMI_SMALL}),
        # slips
        ("小秘", {XIAOMI, XIAOMI_SMALL}),
        ("龙劲茶", {TEA_BOX}),
        ("笔计本", {LAPTOP}),
        ("笔记木电脑", {LAPTOP}),
        ("头耳机", {SONY}),
        ("头戴式降躁耳机", {SONY}),
        ("智能首机", {XIAOMI, XIAOMI_SMALL, HUAWEI, IPHONE}),
        ("iphnoe", {IPHONE}),
        ("ipone", {IPHONE}),
        ("thinkpda", {LAPTOP}),
        ("lenvo", {LAPTOP}),
        ("huawie", {HUAWEI}),
        ("xiaomii", {XIAOMI, XIAOMI_SMALL}),
        ("thinkp", {LAPTOP}),
        # a department, where nothing is called so
        ("图书", {BOOK}),
        ("shengxian", {TEA_BOX, RICE}),
        # nothing
        ("火星车", set()),
        ("qwrtp", set()),
    ],
)
def test_what_is_found(text: str, wanted: set[int], engine: Engine) -> None:
    assert set(found(engine, text)) == wanted


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("xm", {XIAOMI, XIAOMI_SMALL}),
        ("手机", {XIAOMI, XIAOMI_SMALL, HUAWEI, CASE, IPHONE}),
        ("手机壳", {CASE}),
        ("华为", {HUAWEI}),
        ("小米手机", {XIAOMI, XIAOMI_SMALL}),
        ("小米15 pro", {XIAOMI, XIAOMI_SMALL}),
        ("音乐", {BOOK}),
        ("小米15 Pro 5G手机 亮银 官方正品 顺丰包邮", {XIAOMI}),
        ("买一台联想笔记本电脑给女朋友", {LAPTOP}),
        ("asdfg 龙井", {TEA_BOX}),
    ],
)
def test_what_stands_first(text: str, first: set[int], engine: Engine) -> None:
    assert set(found(engine, text)[: len(first)]) == first


def test_a_name_counts_more_than_a_caption(engine: Engine) -> None:
    assert found(engine, "音乐") == [BOOK, LAPTOP]


def test_of_equals_the_one_that_sells_stands_first(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    engine = EmbeddedEngine(tmp_path_factory.mktemp("index"))
    engine.rebuild(document(number, "白瓷杯", sales=10 * number) for number in (2, 3, 1))
    assert found(engine, "白瓷杯") == [3, 2, 1]


def test_sales_do_not_outweigh_what_is_asked_for(tmp_path_factory: pytest.TempPathFactory) -> None:
    engine = EmbeddedEngine(tmp_path_factory.mktemp("index"))
    engine.rebuild(
        [document(1, "咖啡杯 白瓷"), document(2, "杯刷", caption="洗咖啡杯", sales=100_000)]
    )
    assert found(engine, "咖啡杯") == [1, 2]


@pytest.mark.parametrize(
    "text",
    [
        '"', "'", "小米 AND", "OR", "NOT 小米", "(", ")", "小米)", "name:小米", "*", "?", "+-", "[1 TO 9]", "{", "}",
        "~", "^5", "\\", "/.*/", ".*", "(a+)+$", "小米\x00", "🐻", "\ud800", "\u202e", "ا", "ⅷ", "㍿", "²", "١٢",
        "a" * 100, "小" * 100, "小 " * 50, "a1" * 50, "xi" * 50, "x" * 30, "zhangzhangzhang" * 6, "15.5.5", "_", "\x1f",
    ],
)  # fmt: skip
@pytest.mark.parametrize("ordering", ["", "-price"])
def test_nothing_one_types_is_syntax(text: str, ordering: str, engine: Engine) -> None:
    everything = engine.search(Asked(text, ordering=ordering))
    assert everything.count <= len(SHOP)
    assert engine.suggest(text, 10) is not None


def test_words_of_a_query_language_are_words(engine: Engine) -> None:
    assert found(engine, "name:小米") == found(engine, "name 小米")
    assert found(engine, "小米*") == found(engine, "小米")
    assert set(found(engine, '"岩灰" AND')) == {XIAOMI_SMALL}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("小", ["小米", "小说", "小米 智能手机", "小米15 Pro 5G手机", "隅石书局 小说"]),
        ("小米1", ["小米15 Pro 5G手机"]),
        ("xm", ["小米", "小米 智能手机", "小米15 Pro 5G手机"]),
        ("xiaom", ["小米", "小米 智能手机", "小米15 Pro 5G手机"]),
        ("小密", ["小米", "小米 智能手机", "小米15 Pro 5G手机"]),
        ("HUAW", ["华为", "华为 智能手机", "华为 Mate 60 手机 雅丹黑"]),
        ("iph", ["Apple iPhone 15 Pro Max 512GB"]),
        ("bjb", ["笔记本电脑"]),
        ("火星", []),
        ("", []),
        ("  ", []),
        ("!", []),
    ],
)
def test_suggestions(text: str, wanted: list[str], engine: Engine) -> None:
    assert sorted(engine.suggest(text, 10)) == sorted(wanted)


def test_brands_of_many_skus_are_suggested_first(engine: Engine) -> None:
    assert engine.suggest("小米", 1) in (["小米"], ["小米 智能手机"])
    assert len(engine.suggest("s", 3)) == 3


def test_letters_that_can_be_read_in_thousands_of_ways_are_read_in_a_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps, spellings = [], analysis._spellings

    def counted(letters: str, start: int) -> Iterator[list[str]]:
        steps.append(start)
        return spellings(letters, start)

    monkeypatch.setattr(analysis, "_spellings", counted)
    readings = analysis.spelt.__wrapped__("ao" * 15)
    assert len(readings) == 8
    assert len(steps) < 200
    assert readings[:2] == (("ao",) * 15, ("ao",) * 14 + ("a", "o"))


def test_a_document_replaces_the_one_before(tmp_path_factory: pytest.TempPathFactory) -> None:
    engine = EmbeddedEngine(tmp_path_factory.mktemp("index"))
    old: Document = document(1, "旧名")
    engine.rebuild([old, document(2, "另一个")])
    engine.index([document(1, "新名")], gone=[2])
    assert [found(engine, text) for text in ("旧名", "新名", "另一个")] == [[], [1], []]
