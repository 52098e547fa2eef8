"""What the signals do not say: honest business beside each attempt. Without a database."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from integrity.signals.detection import detect
from integrity.signals.facts import (
    BrokerFacts,
    ContractFacts,
    DealFacts,
    OwnershipFacts,
    PartyFacts,
    PaymentFacts,
    Snapshot,
)
from integrity.signals.registry import SIGNALS

UNIVERSITY, FIRM, OTHER, AGENCY = 1, 2, 3, 4
DEFAULTS = {key: {limit.key: limit.default for limit in signal.thresholds} for key, signal in SIGNALS.items()}


def contract(
    pk, seller=UNIVERSITY, buyer=FIRM, wan="330.5", signed=date(2026, 3, 2), registered=date(2026, 3, 20), **more
):
    return ContractFacts(pk, f"v{pk}", f"2026210200{pk:06}", seller, buyer, Decimal(wan), signed, registered, **more)


def snapshot(*contracts, **more):
    parties = {
        UNIVERSITY: PartyFacts(
            "示例大学", is_institution=True, address="学府街1号", phones=frozenset({"041188880000"})
        ),
        FIRM: PartyFacts("示例制造", address="学府街2号", people=frozenset({7})),
        OTHER: PartyFacts("示例材料", people=frozenset({8})),
        AGENCY: PartyFacts("示例中心"),
    }
    return Snapshot(contracts=list(contracts), parties=parties | more.pop("parties", {}), **more)


def signals(of, **limits):
    chosen = {key: values | limits.get(key, {}) for key, values in DEFAULTS.items()}
    return sorted(finding.signal for finding in detect(of, chosen))


DEAL = DealFacts(
    9,
    "d",
    "成交",
    UNIVERSITY,
    FIRM,
    Decimal(300),
    date(2026, 2, 1),
    date(2026, 3, 1),
    5,
    "涂层",
    False,
    Decimal(200),
    Decimal(500),
)
HONEST = {
    "an ordinary contract": snapshot(contract(1)),
    "a deal with its contract and its payments": snapshot(
        contract(1, wan="300", deal=9),
        deals={9: DEAL},
        payments=[PaymentFacts(1, "p", 9, FIRM, UNIVERSITY, Decimal(300), date(2026, 4, 1))],
    ),
    "sums of quite other size both ways": snapshot(contract(1, wan="900"), contract(2, FIRM, UNIVERSITY, wan="20")),
    "both ways, years apart": snapshot(
        contract(1), contract(2, FIRM, UNIVERSITY, signed=date(2024, 1, 9), registered=date(2024, 1, 30))
    ),
    "six firms of one incubator": snapshot(
        contract(1, 11, 12),
        parties={number: PartyFacts(f"孵化{number}", address="孵化器A座") for number in range(11, 17)},
    ),
    "a share of a tenth": snapshot(contract(1), ownerships=[OwnershipFacts(UNIVERSITY, FIRM, Decimal(10))]),
    "a broker of neither side": snapshot(contract(1, broker=3), brokers={3: BrokerFacts("经纪人", 99)}),
    "an officer of the city who represents nobody": snapshot(contract(1, authors=frozenset({50})), staff={50: "某"}),
    "two contracts a year apart": snapshot(
        contract(1), contract(2, signed=date(2025, 3, 2), registered=date(2025, 3, 20))
    ),
    "a large odd sum in December": snapshot(
        contract(1, wan="5123.7", signed=date(2026, 12, 20), registered=date(2026, 12, 30))
    ),
    "a plain licence to two firms": snapshot(
        deals={9: DEAL, 10: replace(DEAL, pk=10, buyer=OTHER)},
    ),
    "a service for a part of the price": snapshot(
        contract(1, wan="35", deal=9), deals={9: replace(DEAL, amount=Decimal(35))}
    ),
    "two instalment contracts within the deal": snapshot(
        contract(1, wan="150", deal=9), contract(2, wan="149", deal=9, signed=date(2026, 3, 19)), deals={9: DEAL}
    ),
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_business_raises_nothing(name):
    assert signals(HONEST[name]) == []


def test_a_threshold_that_staff_change_changes_what_is_seen():
    owned = HONEST["a share of a tenth"]

    assert signals(owned, ownership={"least_share": Decimal(5)}) == ["ownership"]


def test_a_signal_that_is_off_says_nothing():
    same = snapshot(contract(1, FIRM, FIRM))

    assert [finding.signal for finding in detect(same, {"circles": DEFAULTS["circles"]})] == []
    assert signals(same) == ["affiliates"]


def test_the_same_records_in_another_order_give_the_same_findings():
    rows = [contract(1, FIRM, OTHER), contract(2, OTHER, UNIVERSITY), contract(3, UNIVERSITY, FIRM)]
    forth, back = (detect(snapshot(*order), DEFAULTS) for order in (rows, rows[::-1]))

    assert [(row.signal, row.key, row.sentence, row.rows) for row in forth] == [
        (row.signal, row.key, row.sentence, row.rows) for row in back
    ]
    assert [row.signal for row in forth] == ["circles"]
