import pytest

pytest.register_assert_rewrite("tests.payment.whole.books", "tests.payment.whole.market")
