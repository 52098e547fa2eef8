"""The proof: from two workbooks to a reviewed round, with the pages that people use."""

import io
import re
import unicodedata
from collections import Counter, defaultdict
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import Organisation, Region
from achievements.models import Achievement
from demands.masking import firm_names
from demands.models import Demand
from matching.models import Match, MatchRun
from matching.tasks import match_chunk, prepare_run
from rounds.models import DockingRound
from tests import factories as make
from tests.achievements.sheets import rows_of
from tests.achievements.sheets import workbook as achievement_sheet
from tests.attacks.crawl import Reader
from tests.browser_client import Browser, within
from tests.conftest import SHARED_DATA
from tests.demands.sheets import workbook as demand_sheet
from tests.planner_statistics import analyze_tables
from tests.walk.visits import readable_documents

pytestmark = pytest.mark.long

LOCAL = (
    *("大连理工大学", "中国科学院大连化学物理研究所", "大连海事大学", "大连海洋大学"),
    *("大连工业大学", "大连交通大学", "大连大学"),
)
API = [f"/api/v1/{name}/" for name in ("achievements", "demands", "agencies", "rounds", "industries")]
PUBLIC = ["/", "/sitemap.xml", "/robots.txt", *API]
MATCHES = "matching_match"


@pytest.fixture
def cast(db):
    """Everybody of the story, each at a browser."""

    class Cast:
        office = Browser(make.user())
        city = Browser(make.city_officer())
        districts = {unit: Browser(make.district_officer(unit.code)) for unit in Region.objects.reporting()}
        firm = make.firm("大连澄砚密封科技有限公司", region_code="gaoxin")
        firm_officer = Browser(make.firm_officer(firm))
        visitor = Browser()

    for name in LOCAL:  # one office collects for all seven
        make.add_member(Cast.office.user, make.institution(name), "institution_officer", by=None)
    return Cast


def test_from_two_workbooks_to_a_reviewed_round(cast, monkeypatch, django_capture_on_commit_callbacks):
    """The rows of real text with a few invented ones, of which what fits must be found; where the workbooks of real
    text are not, the invented rows alone.
    """
    offered, needs, anonymous_firms = len(OFFERED), len(NEEDED) + 1, 2
    achievements, demands, faults = achievement_sheet(*OFFERED), demand_sheet(*NEEDED), FAULTS_OF_FEW
    if SHARED_DATA.is_dir():
        offered, needs, anonymous_firms = 524 + len(OFFERED), 107 + 1, 55
        achievements = with_rows((SHARED_DATA / "achievements_real_text.xlsx").read_bytes(), rows_of(*OFFERED))
        demands, faults = (SHARED_DATA / "demands_real_text.xlsx").read_bytes(), FAULTS
    for _ in range(3):
        make.firm()  # an anonymous firm needs others that it could be
    upload_repair_and_submit(cast, achievements, faults, rows=offered)
    register(cast, rows=offered)
    analyze_tables()
    import_demands(cast, demands)
    post_anonymously(cast)
    publish(cast, rows=needs)
    analyze_tables()
    run = close_a_round(cast, monkeypatch, django_capture_on_commit_callbacks)
    analyze_tables()
    assert run.counts["achievements"] == offered and run.counts["demands"] == needs
    if SHARED_DATA.is_dir():
        assert 4 * needs <= run.counts["matches"] <= 5 * needs and run.counts["demands_without_match"] <= 5
    review(cast, run)
    what_fits_is_shown_to_both_sides(cast)
    find_by_two_characters(cast)
    nobody_learns_who_is_anonymous(cast, firms=anonymous_firms)


SUMMARY = "高速下保持架磨损快，用减摩涂层降低摩擦系数，耐温不低于 300℃，保持架寿命明显提高。"
FITTING = {
    "成果名称": "机械密封端面织构与类金刚石涂层",
    "成果简介": "机械密封端面干摩擦磨损快，用织构与涂层减摩。",
}
OFFERED = [
    {"成果名称": f"高速轴承保持架减摩涂层制备工艺{number}", "第一完成单位": name, "成果简介": SUMMARY}
    | (FITTING if number == 1 else {})
    for number, name in enumerate(LOCAL)
]
NEEDED = [
    {"企业名称": "大连琅屿轴承有限公司", "是否匿名发布": "是"},
    {"企业名称": "大连澜音轴承有限公司", "统一社会信用代码": "91210200MADEM00020", "所属区市县": "中山区"},
]
FAULTS_OF_FEW = {(4, "意向价格（万元）"): "面意", (6, "成果名称"): None}
FAULTS = {
    (5, "成熟度等级"): "十二级半",
    (8, "意向价格（万元）"): "面意",
    (12, "第一完成单位"): "大连理工大雪",
    (20, "所处阶段"): "差不多了",
    (33, "成果名称"): None,
    (40, "联系电话"): "没有",
}
"""(Excel row, column) → what somebody typed there by mistake; in the sheet of real text, and of invented rows alone."""


# --- The university office ---------------------------------------------------------------------------------------
def upload_repair_and_submit(cast, good: bytes, faults: dict, *, rows: int) -> None:
    """The rows without faults go in at once; the others after they are mended in the marked file, sent as a whole."""
    office = cast.office
    damaged, right = with_values(good, faults)
    wrong_rows = len({row for row, _label in faults})
    report = office.upload("achievements", damaged)
    confirm_numbers(office, report)
    assert f"可以导入 {rows - wrong_rows} 项" in office.read(report)
    page = office.read(within(report, "cells/"))
    assert f"{wrong_rows} 行还要改" in page
    for (row, label), typed in faults.items():
        line = re.search(rf'<td class="num">{row}</td>(.*?)</tr>', page)[1]
        assert label in line and (f'value="{typed}"' if typed else "没有填写") in line
    assert f"已导入 {rows - wrong_rows} 项" in office.write(report)
    imported = set(Achievement.objects.values_list("source_row", flat=True))
    assert len(imported) == Achievement.objects.count() == rows - wrong_rows
    assert not imported & {row for row, _label in faults}, "a row with a fault was written"

    marked = office.marked(report)
    cells = commented(marked)
    assert cells == set(faults), "other cells are marked"
    repaired, _wrong = with_values(marked, right)
    report = office.upload("achievements", repaired)
    confirm_numbers(office, report)
    page = office.read(report)
    assert f"可以导入 {wrong_rows} 项" in page and f"另有 {rows - wrong_rows} 项与已录入的相同" in page
    assert f"已导入 {wrong_rows} 项" in office.write(report)
    assert Counter(Achievement.objects.values_list("status", flat=True)) == {"draft": rows}

    page = office.send(reverse("achievements_submit"), {"all": "draft", "confirmed": "1"})
    assert f"已提交 {rows} 项成果" in page
    assert Counter(Achievement.objects.values_list("status", flat=True)) == {"city_review": rows}


def confirm_numbers(office: Browser, report: str) -> None:
    """Say once for all that patent numbers which fit no scheme are right; the real texts have some."""
    for group in office.get(report).context["groups"]:
        if (group.kind, group.label) == ("asked", "知识产权"):
            page = office.send(within(report, "decide/"), {"group": group.name, "action": "accept"})
            assert f"定了 {group.count} 处" in page


def with_values(content: bytes, values: dict) -> tuple[bytes, dict]:
    """A workbook with other values in some cells, by (row, column label); and those that stood there before."""
    book = load_workbook(io.BytesIO(content))
    columns, before = labels(book.active), {}
    for (row, label), value in values.items():
        cell = book.active.cell(row, columns[label])
        before[row, label], cell.value = cell.value, value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue(), before


def with_rows(content: bytes, rows: list[dict]) -> bytes:
    """A workbook with these rows below its own, by column label; what it has no column for is left out."""
    book = load_workbook(io.BytesIO(content))
    names = labels(book.active)
    for row in rows:
        book.active.append({names[label]: value for label, value in row.items() if label in names})
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def commented(content: bytes) -> set[tuple[int, str]]:
    """(row, column label) of every cell with a comment below the header."""
    sheet = load_workbook(io.BytesIO(content)).active
    names = {column: label for label, column in labels(sheet).items()}
    return {(c.row, names[c.column]) for row in sheet.iter_rows() for c in row if c.comment and c.column in names}


def labels(sheet) -> dict[str, int]:
    header = next(row for row in sheet.iter_rows() if row[0].value == "序号")
    return {cell.value: cell.column for cell in header}


# --- The city ----------------------------------------------------------------------------------------------------
def register(cast, *, rows: int) -> None:
    waiting = "?status__exact=city_review"
    assert cast.visitor.get(reverse("achievement_list")).context["results"].total == 0
    cast.city.act_on_all("achievements_achievement", "register_all", waiting)
    year = timezone.localdate().year
    assert set(Achievement.objects.values_list("registry_number", "status")) == {
        (f"DL-{year}-{number:04d}", "registered") for number in range(1, rows + 1)
    }
    assert cast.visitor.get(reverse("achievement_list")).context["results"].total == rows


# --- Districts and a firm ----------------------------------------------------------------------------------------
def import_demands(cast, content: bytes) -> None:
    """Every district uploads the sheet and imports the rows of its own firms; the first tries it twice.

    The first that has rows in it, and one that has none, upload the whole sheet; the others only their rows.
    """
    has_tried, has_refused, places = False, False, titles_by_place(content)
    for unit, officer in cast.districts.items():
        names = {unit.name, *unit.aliases.split("、")}
        wanted = [title for name in names for title in places[name]]
        if not wanted:
            if not has_refused:
                assert "检查通过" not in officer.read(officer.upload("demands", content, own=True))
            has_refused = True
            continue
        report = officer.upload("demands", rows_of_places(content, names) if has_tried else content, own=True)
        assert f"检查通过，可以导入 {len(wanted)} 项" in officer.read(report)
        officer.write(report)
        own = Demand.objects.filter(firm__stat_region=unit)
        assert sorted(bare(title) for title in own.values_list("title", flat=True)) == sorted(wanted)
        assert set(own.values_list("status", flat=True)) == {"district_review"}
        if not has_tried:
            officer.write(officer.upload("demands", content, own=True))
            assert own.count() == len(wanted), "written twice"
            has_tried = True


def rows_of_places(content: bytes, places: set[str]) -> bytes:
    """The sheet without the rows of other places."""
    book = load_workbook(io.BytesIO(content))
    sheet, columns = book.active, labels(book.active)
    place = next(column for label, column in columns.items() if label in {"所在地域", "所属区市县"})
    first = next(row[0].row for row in sheet.iter_rows() if row[0].value == "序号") + 1
    kept = [row for row in sheet.iter_rows(first, values_only=True) if row[place - 1] in places]
    sheet.delete_rows(first, sheet.max_row)
    for row in kept:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def titles_by_place(content: bytes) -> dict[str, list[str]]:
    """The titles in the sheet's rows of each place, as the sheet calls it."""
    sheet = load_workbook(io.BytesIO(content)).active
    columns = labels(sheet)
    place = next(column for label, column in columns.items() if label in {"所在地域", "所属区市县"}) - 1
    title = next(column for label, column in columns.items() if label.endswith("需求名称")) - 1
    titles = defaultdict(list)
    for row in sheet.iter_rows(values_only=True):
        titles[row[place]].append(bare(str(row[title])))
    return titles


def bare(text: str) -> str:
    """Without blanks, full-width characters made plain: what reading a sheet may tidy up."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def post_anonymously(cast) -> None:
    """A firm names itself by mistake, is told when it submits, mends it, and is published under its alias."""
    officer = cast.firm_officer
    fields = {
        "firm": cast.firm.pk,
        "title": "机械密封端面减摩涂层",
        "kind": "problem",
        "problem": "我们澄砚密封的机械密封端面干摩擦时磨损快，想找织构或涂层的办法。",
        "budget": "约50万",
        "is_anonymous": "on",
        "contact_name": "示例人",
        "contact_phone": "0411-84700000",
        "indicators-TOTAL_FORMS": "0",
        "indicators-INITIAL_FORMS": "0",
    }
    answer = officer.send(reverse("demand_new"), fields | {"submit": "1"})
    assert "匿名需求里出现了能认出企业的文字：主要问题（“澄砚”）" in answer
    assert "改成“本企业”" in answer
    demand = Demand.objects.get(firm=cast.firm)
    assert demand.status == Demand.Status.DRAFT
    assert demand.public_alias.startswith("大连市某企业（代号")

    edit = reverse("demand_edit", args=[demand.public_id])
    page = officer.get(edit)
    mended = fields | {
        "problem": fields["problem"].replace("我们澄砚密封", "本企业"),
        "seen_at": page.context["form"]["seen_at"].value(),
        "submit": "1",
    }
    officer.send(edit, mended)
    demand.refresh_from_db()
    assert (demand.status, "澄砚" in demand.problem) == ("district_review", False)


def publish(cast, *, rows: int) -> None:
    for unit, officer in cast.districts.items():
        if Demand.objects.filter(firm__stat_region=unit).exists():
            officer.act_on_all("demands_demand", "publish_all", "?status__exact=district_review")
    assert Counter(Demand.objects.values_list("status", flat=True)) == {"published": rows}


def no_rows(prefix: str, number: int = 0) -> dict[str, int]:
    """The management form of a formset with this number of new rows."""
    return {f"{prefix}-TOTAL_FORMS": number, f"{prefix}-INITIAL_FORMS": 0}


# --- The round ---------------------------------------------------------------------------------------------------
def close_a_round(cast, monkeypatch, on_commit) -> MatchRun:
    """City staff enter a round, announce it, close it; workers get each chunk, one of them twice."""
    sent = []
    monkeypatch.setattr("matching.services.runs.enqueue", lambda *message: sent.append(message) or True)
    now = timezone.localtime()
    times = {"starts_at": now - timedelta(hours=6), "ends_at": now + timedelta(hours=1)}
    fields = {"name": "秋季科技成果对接会", "host_kind": "city", "place": "市科技成果转化展示厅"}
    for name, at in times.items():
        fields[name] = at.strftime("%Y-%m-%dT%H:%M:%S")
    fields |= {"host": Organisation.objects.get(kind="city").pk, **no_rows("organisers")}
    cast.city.send(reverse("admin:rounds_dockinground_add"), fields)
    docking_round = DockingRound.objects.get()
    hall = no_rows("halls", 1) | {"halls-0-name": "一号厅", "halls-0-tables": 6, "halls-0-order": 0}
    cast.city.send(reverse("admin:rounds_venue_places", args=[docking_round.pk]), hall | no_rows("slots"))
    announce, close = (reverse(f"admin:rounds_act_{act}", args=[docking_round.pk]) for act in ("announce", "close"))
    address = reverse("round_detail", args=[docking_round.public_id])
    assert cast.visitor.get(address).status_code == 404, "not announced yet"
    cast.city.send(announce, {})
    assert docking_round.name in cast.visitor.read(reverse("round_list"))
    assert "起才能结束并匹配" in cast.city.post(close).text
    DockingRound.objects.update(ends_at=now)
    with on_commit(execute=True):
        page = cast.city.send(close, {})
    assert "活动已结束，匹配正在后台进行" in page
    assert not Match.objects.exists()
    assert sent == [("matching.tasks.prepare_run", MatchRun.objects.get().pk)]
    prepare_run(sent.pop()[1])
    chunks = [chunk for _task, chunk in sent]
    for chunk in [*chunks, *chunks[:1]]:
        match_chunk(chunk)
    docking_round.refresh_from_db()
    run = docking_round.match_run
    assert run.status == MatchRun.Status.DONE
    assert run.counts["matches"] == Match.objects.count() > 0
    assert f"已完成，{run.counts['matches']} 条匹配" in cast.city.read(reverse("admin:rounds_dockinground_changelist"))
    return run


def review(cast, run: MatchRun) -> None:
    """Each district sees the matches of its own firms with their reasons, accepts the best, rejects the weakest."""
    decided = Counter()
    for unit, officer in cast.districts.items():
        own = Match.objects.filter(demand__firm__stat_region=unit).order_by("-score", "pk")
        foreign = Match.objects.exclude(demand__firm__stat_region=unit).first()
        listed = officer.get(reverse(f"admin:{MATCHES}_changelist") + "?all=").context["cl"]
        assert listed.result_count == own.count()
        assert {match.demand.firm.stat_region for match in listed.result_list} <= {unit}
        assert officer.get(reverse(f"admin:{MATCHES}_change", args=[foreign.pk])).status_code in {302, 404}
        officer.post(reverse(f"admin:{MATCHES}_accept", args=[foreign.pk]), {"_form_submitted": "1"})
        if not own:
            continue
        best, *_others, weakest = [*own, None] if len(own) == 1 else own
        for match in dict.fromkeys((best, *own.filter(demand__firm=cast.firm)[:1])):
            page = officer.read(reverse(f"admin:{MATCHES}_change", args=[match.pk]))
            for reason in [*match.shared_terms, *(fact["sentence"] for fact in match.facts)]:
                assert reason in page
            assert match.demand.firm.name in page and str(match.whole_score) in page
            officer.act_on(match, "accept")
            decided["accepted"] += 1
        if weakest:
            chosen = {"action": "reject_all", "_selected_action": [weakest.pk]}
            if not decided["rejected"]:  # the first is asked for a reason; the form is the same for every district
                assert "退回原因" in officer.send(reverse(f"admin:{MATCHES}_changelist"), chosen)
            given = {"_form_submitted": "1", "reason": "field", "note": "不是同一类产品"}
            officer.send(reverse(f"admin:{MATCHES}_changelist"), chosen | given)
            decided["rejected"] += 1
    decided["proposed"] = run.counts["matches"] - decided.total()
    assert Counter(Match.objects.values_list("status", flat=True)) == +decided, "somebody decided what is not theirs"
    for match in Match.objects.exclude(status="proposed").select_related("reviewed_by", "demand__firm"):
        assert match.reviewed_by == cast.districts[match.demand.firm.stat_region].user


# --- Everybody ---------------------------------------------------------------------------------------------------
def what_fits_is_shown_to_both_sides(cast) -> None:
    """To the institution under the public name of the firm."""
    own = Match.objects.accepted().get(demand__firm=cast.firm)
    assert own.achievement.title == FITTING["成果名称"]
    assert own.achievement.title in cast.firm_officer.read("/workbench/matches/")
    page = cast.office.read("/workbench/matches/")
    assert own.demand.title in page and own.demand.public_alias in page


def find_by_two_characters(cast) -> None:
    achievement = Match.objects.accepted().order_by("pk").first().achievement
    word = next(pair for pair in zip_pairs(achievement.title) if re.fullmatch("[一-鿿]{2}", pair))
    titles, page = [], 1
    while page:
        answer = cast.visitor.get(reverse("achievement_list"), {"q": word, "page": page})
        titles += [item.title for item in answer.context["results"].page]
        page = page + 1 if answer.context["results"].page.has_next() else 0
    assert achievement.title in titles
    assert len(titles) < Achievement.objects.count() or len(titles) < 10


def zip_pairs(text: str) -> list[str]:
    return [text[at : at + 2] for at in range(len(text) - 1)]


def nobody_learns_who_is_anonymous(cast, *, firms: int) -> None:
    """No page, answer, export or page source gives the name away: to visitors, other firms, institutions, districts.

    The page of every demand is read, and one address of each URL pattern: by a visitor of all of them, by those who
    have signed in of what shows demands and matches.
    """
    unnamed = Organisation.objects.filter(demands__is_anonymous=True).exclude(demands__is_anonymous=False).distinct()
    assert len(unnamed) == firms
    names = {firm: [*firm_names(firm.name, firm.short_name), *filter(None, [firm.credit_code])] for firm in unnamed}
    everyone = [name for ways in names.values() for name in ways]
    visitor = Reader("public", per_route=1)
    for number, demand in enumerate(Demand.objects.published()):  # every text of a sheet; of other pages a sample
        visitor.get(reverse("demand_detail", args=[demand.public_id]))
        if number < SAMPLE:
            visitor.get(f"/api/v1/demands/{demand.public_id}/")
    with readable_documents():
        visitor.crawl(*PUBLIC)
    assert_silent(visitor.texts, everyone)
    for firm in list(unnamed)[:SAMPLE]:
        results = cast.visitor.get(reverse("demand_list"), {"q": names[firm][-1]}).context["results"]
        assert firm.demands.get() not in list(results.page), "found by the name that nobody may know"

    named = Organisation.objects.firms().exclude(pk__in=unnamed).first()
    for user in (make.firm_officer(named), cast.office.user):
        reader = Reader(str(user), user, per_route=1)
        reader.crawl(*SHOWING_DEMANDS, within=SHOWING_DEMANDS)
        assert len(reader.texts) > len(SHOWING_DEMANDS), reader.texts.keys()
        assert_silent(reader.texts, everyone)
    for unit, officer in cast.districts.items():
        foreign = [name for firm, ways in names.items() if firm.stat_region != unit for name in ways]
        own_rows = {
            "demands_demand": Demand.objects.filter(firm__stat_region=unit),
            MATCHES: Match.objects.filter(demand__firm__stat_region=unit, status="proposed"),
        }
        for model, own in own_rows.items():
            if row := own.first():
                chosen = {"action": "export", "select_across": "1", "index": "0", "_selected_action": [row.pk]}
                sheet = officer.send(reverse(f"admin:{model}_changelist"), chosen)
                assert getattr(row, "demand", row).title in sheet, "the own rows are in it"
                assert_silent({f"{model} export": sheet}, foreign)


SHOWING_DEMANDS = (
    *("/workbench/work/", "/workbench/matches/", "/workbench/follow-ups/", "/workbench/demands/"),
    *("/workbench/notices/", "/demands/"),
)
SAMPLE = 3
"""How many of several alike are tried; `tests.attacks.anonymity` reads the demo city as all roles."""


def assert_silent(pages: dict[str, str], names: list[str]) -> None:
    leaking = re.compile("|".join(re.escape(name) for name in sorted(set(names), key=len, reverse=True)))
    leaks = {address: leak[0] for address, text in pages.items() if (leak := leaking.search(text))}
    assert not leaks
