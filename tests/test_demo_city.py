"""The demo city reads like a city and cannot be taken for a real one."""

import json
import re
from collections import Counter, defaultdict
from decimal import Decimal, InvalidOperation
from itertools import combinations
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import Role
from achievements.models import Achievement, Indicator, IntellectualProperty
from brokers.models import Agency, Broker
from demands.masking import find_firm_mention, firm_names
from demands.models import Demand
from portal.drawings.technical_card import comparable
from rounds.models import DockingRound
from sheets.credit_code import is_valid_credit_code
from taxonomy.models import Comparison, TransferWay, maturity_bucket

FOLDER = Path(settings.BASE_DIR) / "demo_city"
INDUSTRIES = {industry.slug for industry in settings.CITY.industries}
REPORTING = {region.code for region in settings.CITY.regions if region.is_reporting}
GB2260 = {region.code for region in settings.CITY.regions if region.is_gb2260}


def rows(kind: str) -> list[dict]:
    return [json.loads(line) for line in (FOLDER / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines()]


KINDS = sorted(path.stem for path in FOLDER.glob("*.jsonl"))
CITY = {kind: rows(kind) for kind in KINDS}
ACHIEVEMENTS, DEMANDS, FIRMS = CITY["achievements"], CITY["demands"], CITY["firms"]
ACHIEVEMENT_IDS = {row["id"] for row in ACHIEVEMENTS}
TEXTS = [("summary", row) for row in ACHIEVEMENTS] + [("problem", row) for row in DEMANDS]
OWNERS = CITY["authorities"] + CITY["institutions"] + FIRMS + CITY["agencies"]


def ids(kind: str) -> set[str]:
    return {row["id"] for row in CITY[kind]}


def strings(value):
    """Every string inside a row, however deep."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


def pieces(text: str, length: int) -> set[str]:
    return {text[at : at + length] for at in range(len(text) - length + 1)}


def test_sizes_are_those_of_the_city():
    assert len(ACHIEVEMENTS) == 524
    assert len(DEMANDS) == 160
    assert len(FIRMS) == 110
    assert len(CITY["agencies"]) == 60
    assert len(CITY["brokers"]) == 90
    assert {row["stat_region"] for row in FIRMS} == REPORTING
    assert {row["industry"] for row in ACHIEVEMENTS} == INDUSTRIES
    assert {row["kind"] for row in CITY["agencies"]} == set(Agency.Kind)
    assert {row["role"] for row in CITY["people"]} == set(Role)
    assert any(not row["is_local"] for row in CITY["institutions"])


def test_ids_are_unique():
    for kind in KINDS:
        names = [name_of(row) for row in CITY[kind]]
        assert len(names) == len(set(names)), kind
    owners = [row["id"] for row in OWNERS]
    assert len(owners) == len(set(owners)), "people name an organisation by id alone"


def name_of(row: dict):
    """What makes a row of any file the only one of its kind."""
    for key in ("id", "username"):
        if key in row:
            return row[key]
    return (row["demand"], row["achievement"]) if "demand" in row else tuple(row["achievements"])


def test_references_resolve():
    assert {row["institution"] for row in ACHIEVEMENTS} <= ids("institutions")
    assert {row["firm"] for row in DEMANDS} <= ids("firms")
    assert {row["agency"] for row in CITY["brokers"]} <= ids("agencies") | {None}
    assert {owner for row in CITY["people"] for owner in row["organisations"]} <= {row["id"] for row in OWNERS}
    assert {row["broker"] for row in CITY["people"]} <= ids("brokers") | {None}
    for row in CITY["rounds"]:
        assert row["host"] in ids("authorities")
        assert set(row["featured"]) <= ids("achievements")
        assert set(row["out_of_city"]) <= ids("institutions")
    for row in CITY["truth"]:
        assert row["demand"] in ids("demands")
        assert row["achievement"] in ids("achievements")


def test_regions_and_industries_are_known():
    for row in OWNERS:
        assert row["stat_region"] in REPORTING | {None}, row["id"]
        assert row.get("reg_region") in GB2260 | {None}, row["id"]
    for row in CITY["agencies"] + CITY["brokers"]:
        assert set(row["industries"]) <= INDUSTRIES
        assert set(row["regions"]) <= REPORTING
    assert {row["industry"] for row in DEMANDS} <= INDUSTRIES


def test_codes_are_those_of_the_models():
    for row in ACHIEVEMENTS:
        for key, choices in [
            ("category", Achievement.Category),
            ("form", Achievement.Form),
            ("attribute", Achievement.Attribute),
            ("stage", Achievement.Stage),
            ("standing", Achievement.Standing),
            ("status", Achievement.Status),
        ]:
            assert row[key] in set(choices), (row["id"], key)
        if row["evaluation"]:
            assert row["evaluation"]["method"] in set(Achievement.Evaluation)
        assert {right["kind"] for right in row["ip"]} <= set(IntellectualProperty.Kind)
        assert maturity_bucket(row["maturity"]["scale"], row["maturity"]["level"])
    for row in DEMANDS:
        assert row["kind"] in set(Demand.Kind)
        assert row["status"] in set(Demand.Status)
    for row in ACHIEVEMENTS + DEMANDS:
        assert row["transfer_ways"]
        assert set(row["transfer_ways"]) <= set(TransferWay)
    for row in CITY["agencies"]:
        assert set(row["services"]) <= set(Agency.Service)
    assert {row["level"] for row in CITY["brokers"]} == set(Broker.Level)
    for row in CITY["rounds"]:
        assert row["status"] in set(DockingRound.Status)
        assert row["host_kind"] in set(DockingRound.HostKind)


def test_usual_levels_are_stated_where_the_texts_name_them():
    stated = [Indicator(**row) for achievement in ACHIEVEMENTS for row in achievement["indicators"] if row.get("today")]
    drawn = [row for row in stated if comparable(row)]
    assert (len(stated), len(drawn)) == (94, 81)
    assert {"不到 70%", "六成多", "五六毫米"} <= {row.today for row in stated if row not in drawn}


def test_indicators_are_complete():
    """All faults of all rows are listed at once."""
    faults = [f"{row['id']}: {fault}" for row in ACHIEVEMENTS + DEMANDS for fault in indicator_faults(row)]
    assert faults == []


def indicator_faults(row: dict) -> list[str]:
    faults = []
    if len(row["indicators"]) > 6:
        faults.append("more than six indicators")
    for indicator in row["indicators"]:
        faults += [f"no {key}: {indicator}" for key in ("name", "unit") if not indicator[key]]
        if indicator["comparison"] not in set(Comparison):
            faults.append(f"unknown comparison: {indicator}")
        try:
            value = Decimal(indicator["value"])
            if indicator["comparison"] == Comparison.BETWEEN:
                is_in_order = value < Decimal(indicator["value_to"])
            else:
                is_in_order = indicator["value_to"] == ""
        except InvalidOperation:
            is_in_order = False
        if not is_in_order:
            faults.append(f"wrong value: {indicator}")
    if row["id"] in ACHIEVEMENT_IDS:
        if len(row["indicators"]) < 2:
            faults.append("fewer than two indicators")
        faults += [
            f"no condition or basis: {indicator}"
            for indicator in row["indicators"]
            if not (indicator["condition"] and indicator["basis"])
        ]
    return faults


def test_each_kind_of_fault_of_an_indicator_is_listed():
    good = {
        "name": "耐温",
        "unit": "℃",
        "comparison": "ge",
        "value": "200",
        "value_to": "",
        "condition": "",
        "basis": "",
    }
    bad = [{"name": ""}, {"unit": ""}, {"comparison": "x"}, {"value": "高"}, {"value_to": "3"}]
    bad += [{"comparison": "between", "value_to": "100"}, {"comparison": "between"}]
    assert indicator_faults({"id": "need", "indicators": [good]}) == []
    for change in bad:
        assert len(indicator_faults({"id": "need", "indicators": [good | change]})) == 1, change
    assert len(indicator_faults({"id": "need", "indicators": [good] * 7})) == 1
    assert len(indicator_faults({"id": ACHIEVEMENTS[0]["id"], "indicators": [good]})) == 2


def test_terms_are_sensible():
    for row in ACHIEVEMENTS:
        assert 1 <= len(row["keywords"]) <= 3
        assert row["completers"][0] == row["lead_person"]
        assert len(row["completers"]) == len(set(row["completers"])), row["id"]
        assert row["price_wan"] is None or row["price_wan"] > 0
        assert row["status"] not in {"paused", "withdrawn", "transferred"} or row["status_reason"]
    for row in DEMANDS:
        assert 1 <= len(row["keywords"]) <= 5
        low, high = row["budget_min_wan"], row["budget_max_wan"]
        assert low is None or high is None or 0 < low <= high
        assert row["budget_negotiable"] == (low is None or high is None), row["id"]
        assert row["period"]["start_in_months"] < row["period"]["end_in_months"]
    for row in CITY["brokers"]:
        assert row["issued_on"] < row["expires_on"]


def test_nobody_works_for_two_institutions():
    employer = {}
    for row in ACHIEVEMENTS:
        for person in row["completers"]:
            assert employer.setdefault(person, row["institution"]) == row["institution"], person


def test_texts_are_long_enough_to_say_something_but_for_the_few_thin_ones_of_real_sheets():
    thin = [row["id"] for key, row in TEXTS if len(row[key]) < 120]
    assert 5 <= len(thin) <= 0.04 * len(TEXTS)
    for key, row in TEXTS:
        assert 40 <= len(row[key]) <= 400, (row["id"], len(row[key]))


def test_the_spread_is_that_of_a_city():
    assert_spread("industry", ACHIEVEMENTS, least=20, most=80)
    assert_spread("industry", DEMANDS, least=6, most=30)
    assert_spread("stage", ACHIEVEMENTS, least=90, most=270)
    assert_spread("institution", ACHIEVEMENTS, least=5, most=210)
    assert set(Achievement.Status) - {"featured", "docking"} == {row["status"] for row in ACHIEVEMENTS}
    assert sum(row["valid_days"] <= 0 for row in ACHIEVEMENTS) >= 5
    prices = sorted(row["price_wan"] for row in ACHIEVEMENTS if row["price_wan"])
    assert prices[0] <= 10
    assert 2000 <= prices[-1] <= 3000
    assert 0.25 <= 1 - len(prices) / len(ACHIEVEMENTS) <= 0.45, "面议"
    assert sum(price >= 400 for price in prices) >= 40
    assert sum(price < 50 for price in prices) >= 40
    few = sum(len(row["indicators"]) <= 1 for row in DEMANDS)
    assert 0.08 <= few / len(DEMANDS) <= 0.3, "needs that hardly say what they measure"


def assert_spread(key: str, chosen: list[dict], *, least: int, most: int):
    counts = Counter(row[key] for row in chosen)
    assert least <= min(counts.values()), counts
    assert max(counts.values()) <= most, counts


def test_openings_vary():
    """No four characters open more than 3% of the texts of a kind."""
    for key in ("summary", "problem"):
        openings = Counter(row[key][:4] for kind, row in TEXTS if kind == key)
        assert openings.most_common(1)[0][1] <= max(1, 0.03 * openings.total()), openings.most_common(3)
    assert not any("一种基于" in text for key, row in TEXTS for text in (row["title"], row[key]))


def test_no_two_texts_share_a_third_of_their_wording():
    """The worst ten pairs are printed: `bootstrap.py test tests/test_demo_city.py -k wording -s`."""
    grams = {row["id"]: pieces(row[key], 4) for key, row in TEXTS}
    intended = {frozenset(row["achievements"]) for row in CITY["doubles"]}
    holders = defaultdict(list)
    for text, parts in grams.items():
        for part in parts:
            holders[part].append(text)
    shared = Counter(pair for texts in holders.values() for pair in combinations(texts, 2))
    shares = sorted(
        ((number / min(len(grams[left]), len(grams[right])), left, right) for (left, right), number in shared.items()),
        reverse=True,
    )
    print([f"{left} {right} {share:.0%}" for share, left, right in shares[:10]])
    for share, left, right in shares[:50]:
        assert share <= 1 / 3 or frozenset((left, right)) in intended, (left, right)


def test_doubles_are_two_true_ones_and_three_that_only_an_expert_tells_apart():
    assert Counter(row["kind"] for row in CITY["doubles"]) == {"double": 2, "near": 3}
    for row in CITY["doubles"]:
        assert len(set(row["achievements"]) & ids("achievements")) == 2
        assert row["reason"]


def test_firms_are_marked_and_their_codes_are_reserved():
    seen = set()
    for row in FIRMS + CITY["agencies"]:
        code = row["credit_code"]
        assert row["name"].endswith("（演示）")
        assert is_valid_credit_code(code), row["id"]
        assert code[2:8] == row["reg_region"]
        assert code[8:14] == "MA0DEM"
        assert not organisation_code_fits(code[8:17]), f"{code} could be issued"
        seen.add(code)
    assert len(seen) == len(FIRMS) + len(CITY["agencies"])


def organisation_code_fits(code: str) -> bool:
    """The check of the nine characters inside a credit code (GB 11714-1997), which no issued code fails."""
    total = sum(int(c, 36) * weight for c, weight in zip(code, [3, 7, 9, 10, 5, 8, 4, 2], strict=False))
    return code[8] == "0123456789X0"[11 - total % 11]


def test_no_telephone_can_ring():
    phones = [text for kind in KINDS for row in CITY[kind] for text in strings(row) if re.match(r"0\d{2,3}-", text)]
    contacts = [c for kind in KINDS for row in CITY[kind] for c in [row.get("contact")] if c]
    assert len(phones) >= len(contacts) > 0
    assert all(re.fullmatch(r"0411-0000\d{4}", contact["phone"]) for contact in contacts)
    assert all(re.fullmatch(r"0411-0000\d{4}", phone) for phone in phones)
    for kind in KINDS:
        for text in strings(CITY[kind]):
            assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", text), text


def patent_check_digit(body: str) -> str:
    """The digit after the point of a Chinese application number (ZC 0006-2003)."""
    total = sum(int(digit) * weight for digit, weight in zip(body, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5], strict=True))
    return "0123456789X"[total % 11]


def test_the_checks_know_right_numbers():
    """The worked examples of the two standards."""
    assert patent_check_digit("200310100002") == "X"
    assert organisation_code_fits("D2143569X")


def test_no_patent_number_can_exist():
    numbers = [right for row in ACHIEVEMENTS for right in row["ip"]]
    for right in numbers:
        if right["kind"] in {"invention", "utility_model", "design"}:
            body, digit = re.fullmatch(r"(?:ZL)?(\d{12})\.([\dX])", right["number"]).groups()
            assert patent_check_digit(body) != digit, right["number"]
            assert right["number"].startswith("ZL") == (right["state"] == "授权")
        elif right["kind"] == "software":
            assert re.fullmatch(r"20\d\dSR999\d{4}", right["number"])
        else:
            assert right["number"] == ""
    assert len({right["number"] for right in numbers if right["number"]}) == sum(bool(r["number"]) for r in numbers)


def test_anonymous_firms_are_a_quarter_and_do_not_name_themselves():
    firms = {row["id"]: row for row in FIRMS}
    anonymous = [row for row in DEMANDS if row["is_anonymous"]]
    assert 0.2 <= len(anonymous) / len(DEMANDS) <= 0.3
    for row in anonymous:
        firm = firms[row["firm"]]
        shown = [text for key, value in row.items() if key not in {"firm", "contact"} for text in strings(value)]
        assert not find_firm_mention("\n".join(shown), firm_names(firm["name"], firm["short_name"])), row["id"]


def test_every_unit_has_somebody_to_try_it_as():
    def units(role):
        return {owner for row in CITY["people"] if row["role"] == role for owner in row["organisations"]}

    local = {row["id"] for row in CITY["institutions"] if row["is_local"]}
    assert units(Role.DISTRICT) == {row["id"] for row in CITY["authorities"] if row["kind"] == "district"}
    assert units(Role.INSTITUTION) == local
    joint_office = next(row for row in CITY["people"] if row["role"] == Role.INSTITUTION)
    assert set(joint_office["organisations"]) == local
    assert joint_office["office"]


def test_nothing_is_taken_from_the_real_workbooks(shared_data):
    openpyxl = pytest.importorskip("openpyxl")
    ours = set()
    for kind in KINDS:
        for text in strings(CITY[kind]):
            ours |= pieces(text, 16)
    theirs = 0
    for path in sorted(shared_data.glob("*.xlsx")):
        for sheet in openpyxl.load_workbook(path):
            for line in sheet.iter_rows(values_only=True):
                for text in line:
                    if isinstance(text, str):
                        theirs += 1
                        assert not (taken := ours & pieces(text, 16)), taken
    assert theirs
