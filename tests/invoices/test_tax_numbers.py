"""Check characters, by numbers made here and by the examples of the standards."""

import pytest
from django.core.exceptions import ValidationError

from apps.invoices.models.tax_numbers import (
    ALPHABET,
    clean_tax_number,
    credit_check,
    identity_check,
    is_credit_code,
    is_identity_number,
    organisation_check,
)
from tests.invoices.conftest import TAX_NUMBER, tax_number


def test_the_example_of_the_standard() -> None:
    assert is_credit_code(TAX_NUMBER)
    assert credit_check("91350100M000100Y4") == "3"
    assert organisation_check("M000100Y") == "4"


def test_an_organisation_code_whose_check_is_ten() -> None:
    """GB 11714 writes it X; here 10 × 7 leaves 4... and this one 1, so that 11 - 1 is 10."""
    eights = (f"{n:08d}" for n in range(100))
    ten = next(eight for eight in eights if organisation_check(eight) == "X")
    assert is_credit_code(tax_number(ten))


def test_zero_is_written_for_a_whole_multiple() -> None:
    assert organisation_check("00000000") == "0"
    assert credit_check("0" * 17) == "0"


def test_every_single_slip_is_noticed() -> None:
    for place, right in enumerate(TAX_NUMBER):
        for wrong in set(ALPHABET) - {right}:
            assert not is_credit_code(TAX_NUMBER[:place] + wrong + TAX_NUMBER[place + 1 :])


def test_every_swap_of_neighbours_is_noticed() -> None:
    for place in range(17):
        one, other = TAX_NUMBER[place : place + 2]
        if one != other:
            assert not is_credit_code(TAX_NUMBER[:place] + other + one + TAX_NUMBER[place + 2 :])


def test_the_organisations_own_check_is_looked_at_too() -> None:
    """The last character is right for what stands before it, the ninth of the organisation code is not."""
    seventeen = "91350100M000100Y5"
    assert not is_credit_code(seventeen + credit_check(seventeen))


@pytest.mark.parametrize("letter", "IOZSV")
def test_letters_that_are_not_used(letter: str) -> None:
    assert not is_credit_code(TAX_NUMBER[:8] + letter + TAX_NUMBER[9:])


def test_the_identity_number_of_a_sole_trader() -> None:
    assert identity_check("11010519491231002") == "X"  # GB 11643's example
    assert is_identity_number("11010519491231002X")
    assert clean_tax_number("11010519491231002x") == "11010519491231002X"
    assert not is_identity_number("110105194912310021")


def test_an_identity_number_of_no_day() -> None:
    seventeen = "11010519491331002"
    assert not is_identity_number(seventeen + identity_check(seventeen))


@pytest.mark.parametrize(
    "written",
    [
        "91350100m000100y43",
        "  91350100M000100Y43\u3000",
        "９１３５０１００Ｍ０００１００Ｙ４３",
        "9135 0100 M000 100Y 43",
        "91350100-M000100Y4-3",
    ],
)
def test_it_is_kept_in_one_way_however_it_is_written(written: str) -> None:
    assert clean_tax_number(written) == TAX_NUMBER


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "91350100M000100Y4",
        "91350100M000100Y433",
        "91350100M000100Y4Z",
        "110105491231002",  # 15 digits: no licence bears one since 2018
        "11010519491231002X01",
        "91350100M000100Y4\n3\x00",
        "九一三五〇一〇〇Ｍ０００１００Ｙ４３",
        "٩١٣٥٠١٠٠M000100Y43",
        "0" * 5000,
        "😀" * 18,
    ],
)
def test_what_is_none(text: str) -> None:
    with pytest.raises(ValidationError):
        clean_tax_number(text)
