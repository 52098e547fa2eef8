"""The overview: each figure is the number of its rows, scope by district, constant number of queries."""

import io
import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import Contact, User
from audit.models import AuditRecord
from matching.models import Match, SideResponse
from matching.overview.figures import FIGURES, count_figures
from matching.overview.scope import OverviewScope
from matching.overview.tables import by_district, by_level, by_officer, by_run, review_times
from matching.services.questions import ask_question
from matching.services.review import accept_match, hold_match, reject_match
from matching.services.side_responses import answer_willing
from tests import factories as make
from tests.browser_client import readable
from tests.kept_rows import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.long]
DESK = "admin:matching_desk"


def create_district(code: str):
    """One of everything in a district; returns its officer."""
    officer = make.district_officer(code, name=f"专员{code}")

    def match(score=80.0, level=""):
        return make.match(score=score, level=level, demand=make.demand(firm=make.firm(region_code=code)))

    match()
    hold_match(match(), until=timezone.localdate() + timedelta(days=3), by=officer)
    ask_question(match(), side="firm", text="能否停机试验？", by=officer)
    reject_match(match(65.0), reason="field", by=officer)
    accept_match(match(95.0, level="high"), by=officer)
    agreed = match(95.0, level="high")
    accept_match(agreed, by=officer)
    for side in agreed.follow_up.responses.all():
        contact = Contact.objects.create(organisation=side.organisation, name="欧阳某", phone="13804110001")
        answer_willing(side, contact=contact, consents=True, by=make.officer_of(side))
    late = match(75.0)
    accept_match(late, by=officer)
    SideResponse.objects.filter(follow_up=late.follow_up).update(due_on=timezone.localdate() - timedelta(days=1))
    make.demand(firm=make.firm(f"{code}无推荐企业", region_code=code))
    return officer


@pytest.fixture(scope="module")
def both_districts(django_db_setup, django_db_blocker):
    with kept_rows(django_db_blocker):
        yield [create_district(code).pk for code in ("jinpu", "gaoxin")]


@pytest.fixture
def both(both_districts):
    return tuple(User.objects.get(pk=pk) for pk in both_districts)


@pytest.fixture
def jinpu(both):
    return both[0]


EXPECTED = {
    "waiting": 1, "held": 1, "asked": 1, "decided": 4, "accepted": 3, "appealed": 0, "asking": 2, "talks": 1,
    "intent": 0, "closed": 0, "overdue": 1, "unanswered": 5, "unmatched": 1, "firms": 1,
}  # fmt: skip


def test_figures_of_a_district_and_of_the_city(both):
    own = OverviewScope(both[0])
    assert count_figures(own, EXPECTED) == EXPECTED
    city = OverviewScope(make.city_officer())
    assert count_figures(city, EXPECTED) == {name: 2 * number for name, number in EXPECTED.items()}
    assert count_figures(OverviewScope(city.user, region=make.region("gaoxin")), EXPECTED) == EXPECTED


def test_tables_agree_with_their_rows(both):
    city = OverviewScope(make.city_officer())
    for level in by_level(city):
        name = level["name"]
        assert level["decided"] == FIGURES[name].rows(city).count()
        assert level["accepted"] == FIGURES[f"{name}-accepted"].rows(city).count()
    assert {level["label"]: level["decided"] for level in by_level(city)} == {"高": 4, "未定级": 4}
    lines = {line["region"].code: line for line in by_district(city)}
    assert set(lines) == {"jinpu", "gaoxin"}
    for code, line in lines.items():
        scope = OverviewScope(city.user, region=make.region(code))
        for name in ("waiting", "decided", "accepted", "overdue", "unanswered", "firms"):
            assert line[name] == FIGURES[name].rows(scope).count(), (code, name)
    assert sum(line["proposed"] for line in by_run(city, limit=100)) == Match.objects.count()
    assert sum(line["agreed"] for line in by_run(city, limit=100)) == 2


def test_officers_are_ordered_by_name(both):
    rows = by_officer(OverviewScope(make.city_officer()))
    assert [(row["name"], row["decided"], row["accepted"], row["rejected"]) for row in rows] == [
        ("专员gaoxin", 4, 3, 1),
        ("专员jinpu", 4, 3, 1),
    ]


def test_figures_of_an_officer_open_their_decisions(client, both):
    city = make.city_officer()
    client.force_login(city)
    for row in by_officer(OverviewScope(city)):
        scope = {"officer": row["by"]}
        for figure, column in (
            ("done", "decided"),
            ("done-accepted", "accepted"),
            ("done-rejected", "rejected"),
            ("done-recent", "recent"),
        ):
            page = client.get(reverse("admin:matching_desk_rows", args=[figure]), scope)
            assert page.context["page"].paginator.count == row[column]
            assert {decision.by_id for decision in page.context["page"]} <= {row["by"]}
    strangers = client.get(reverse("admin:matching_desk_rows", args=["done"]), {"officer": "99999999"})
    assert strangers.context["page"].paginator.count == 8, "an officer that is none narrows nothing"
    client.force_login(both[0])
    assert both[1].name not in readable(
        client.get(reverse("admin:matching_desk_rows", args=["done"]), {"officer": both[1].pk})
    )


def test_every_number_of_the_tables_links_to_as_many_rows(client, both):
    client.force_login(make.city_officer())
    page = client.get(reverse(DESK)).content.decode()
    opened = re.findall(r'<a href="(/admin/matching/match/desk/[^"]+)">([\d,]+)</a>', page)
    assert len(opened) > 40
    for address, number in opened:
        rows = client.get(unescape(address)).context["page"].paginator
        assert rows.count == int(number.replace(",", "")), address


def test_review_times(jinpu):
    now = timezone.now()
    own = Match.objects.visible_to(jinpu)
    for number, match in enumerate(own.decided().order_by("pk")):
        Match.objects.filter(pk=match.pk).update(created_at=match.reviewed_at - timedelta(days=number))
    own.due().update(created_at=now - timedelta(days=9))
    times = review_times(OverviewScope(jinpu))
    assert times["median"] == timedelta(days=1.5)
    assert times["oldest"] == now - timedelta(days=9)


def test_filter_by_run(jinpu):
    match = Match.objects.visible_to(jinpu).due().get()
    scope = OverviewScope(jinpu, run=match.first_run)
    assert count_figures(scope, ["waiting", "decided"]) == {"waiting": 1, "decided": 0}


def test_rows_of_other_districts_are_hidden(client, both):
    client.force_login(both[0])
    foreign = Match.objects.filter(demand__firm__stat_region=make.region("gaoxin"))
    titles = set(foreign.values_list("demand__title", flat=True))
    assert titles
    for name in FIGURES:
        for query in ("", "?region=gaoxin"):
            page = readable(client.get(reverse("admin:matching_desk_rows", args=[name]) + query))
            assert "gaoxin无推荐企业" not in page
            assert not [title for title in titles if title in page], name
    assert "专员gaoxin" not in readable(client.get(reverse(DESK)))


def test_every_figure_links_to_its_rows(client, both):
    client.force_login(make.city_officer())
    page = client.get(reverse(DESK))
    for _title, figures in page.context["groups"]:
        for name, figure, number in figures:
            rows = client.get(reverse("admin:matching_desk_rows", args=[name]))
            assert rows.context["page"].paginator.count == number, figure.label
    assert client.get(reverse("admin:matching_desk_rows", args=["nonsense"])).status_code == 404
    assert client.get(reverse(DESK) + "?region=nowhere&run=99999999").status_code == 200


@pytest.mark.parametrize("name", ["matching_desk", "matching_desk_rows"])
def test_query_count_does_not_depend_on_districts(client, jinpu, name):
    client.force_login(make.city_officer())
    addresses = (
        [reverse(DESK)]
        if name == "matching_desk"
        else [reverse("admin:matching_desk_rows", args=[figure]) for figure in FIGURES]
    )

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            for address in addresses:
                assert client.get(address).status_code == 200
        return len(queries)

    asked()
    before = asked()
    create_district("210283")
    assert asked() == before


def test_exports_are_watermarked_masked_and_recorded(client, jinpu):
    client.force_login(jinpu)
    exports = AuditRecord.objects.filter(action__startswith="导出", actor=jinpu)
    for number, name in enumerate(FIGURES, 1):
        answer = client.get(reverse("admin:matching_desk_rows_export", args=[name]))
        assert answer.status_code == 200, name
        text = cells(answer.content)
        assert f"{jinpu.name} 于" in text, name
        assert "13804110001" not in text and "欧阳某" not in text, name
        assert exports.count() == number, name


def test_export_of_the_page(client, jinpu):
    client.force_login(jinpu)
    text = cells(client.get(reverse("admin:matching_desk_export")).content)
    assert "暂无采纳结果的需求" in text and "专员jinpu" in text and "从推荐到审核的天数（中位数）" in text


def cells(content: bytes) -> str:
    sheets = load_workbook(io.BytesIO(content)).worksheets
    head = [sheet.oddHeader.center.text or "" for sheet in sheets] + [
        sheet.oddFooter.center.text or "" for sheet in sheets
    ]
    return "\n".join([*head, *(str(v) for s in sheets for row in s.iter_rows(values_only=True) for v in row if v)])
