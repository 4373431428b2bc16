from sandbox.faults import KINDS
from tests.payment.whole import test_answers, test_bills, test_notices, test_refunds


def test_no_switch_is_left_out() -> None:
    cases = [*test_notices.CASES, *test_answers.CASES]
    tried = {name for name, _scope in cases} | test_refunds.COVERED | test_bills.COVERED
    assert tried == set(KINDS)
