"""A budget of 专项资金 that two officers decide about at the same moment.

Apart from `test_subsidies`: a transactional test empties the tables, also of the rows that a module keeps.
"""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from mechanism.services.subsidy_decisions import grant_application
from tests.concurrency import run_both
from tests.mechanism.test_subsidies import reviewed, town


@pytest.mark.django_db(transaction=True)
@pytest.mark.long
def test_two_decisions_at_once_do_not_spend_the_same_money():
    city = town(budget_wan=70)
    rows = [reviewed(city, 0), reviewed(city, 1)]

    def decide(row):
        def call():
            try:
                grant_application(row, amount_wan=Decimal(50), reason="同意", by=city.second)
            except ValidationError as error:
                return error.messages[0]
            return "granted"

        return call

    results = run_both(*(decide(row) for row in rows))
    assert results.count("granted") == 1
    assert any("预算只剩 20 万元" in result for result in results)
