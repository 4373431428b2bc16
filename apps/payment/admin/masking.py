"""What operators may read of a provider's words: who paid, and whatever nobody thought of, stays hidden.

A list of what is shown, not of what is hidden: providers add fields, and name people in many ways.
"""

import re
from typing import Any

SHOWN = re.compile(
    r"""
    # Money.
    ([a-z]+_)*(amount|total|refund|fee|currency) | fund_change
    # Numbers of payments and refunds, and who is paid.
    | (out_)?(trade|request|biz|refund)_no | (transaction|refund|order|pay_fund_order|notify)_id | id
    | (auth_)?app_id | appid | mchid | seller_id
    # How it stands.
    | ([a-z]+_)?(status|state|type) | trade_state_desc | (fund_)?channel | funds_account
    | (sub_)?(code|msg) | error_code | fail_reason | refusal | summary
    # When.
    | gmt_(create|payment|refund|refund_pay|close) | (create|success|notify)_time | ((send_)?pay|trans)_date
    # What we said ourselves, and in what form it came.
    | subject | description | body | by | username | note | charset | version | algorithm
    """,
    re.VERBOSE,
)
MASK = "***"


def masked(said: Any, *, is_shown: bool = False) -> Any:
    """The same, as lists and dictionaries are nested, with the values of other names than ``SHOWN`` masked."""
    if isinstance(said, dict):
        return {
            name: masked(value, is_shown=SHOWN.fullmatch(str(name)) is not None)
            for name, value in said.items()
        }
    if isinstance(said, list):
        return [masked(each, is_shown=is_shown) for each in said]
    return said if is_shown or said in ("", None) else MASK
