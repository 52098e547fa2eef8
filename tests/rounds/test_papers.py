"""Printed papers: content, glyphs, permissions."""

import io
import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from rounds.models import Meeting, Paper, Party
from rounds.papers import pdf
from rounds.papers.pictures import hall_plan, qr_code
from rounds.services.anonymous_numbers import assign_anonymous_numbers
from rounds.services.papers import make_paper, paper_html, request_paper, sweep_papers
from tests import factories as make


@pytest.fixture
def city(db):
    return make.city_officer()


@pytest.fixture
def docking_round(db):
    """Two firms of two districts and a team of an institution, one meeting, one item that a firm must attend."""
    begin = make.noon(days=30) - timedelta(hours=3)
    docking_round = make.docking_round(
        name="冬季对接会",
        place="会展中心",
        starts_at=begin,
        ends_at=begin + timedelta(hours=8),
        description="面对面谈。",
    )
    slots, hall = make.slots(docking_round, 2), make.hall(docking_round, name="甲厅", tables=6)
    docking_round.organisers.create(name="示例承办中心")
    mine = make.party(docking_round, make.firm("大连甲轴承有限公司"))
    make.party(docking_round, make.firm("大连乙化工有限公司", region_code="gaoxin"))
    team = make.party(docking_round, make.institution("大连丙大学"), team="材料学院")
    make.attendee(mine, name="王示例", position="总工程师")
    meeting = make.meeting(mine, team, topic="保持架磨损")
    make.timetable(docking_round, {meeting: (slots[1], hall, 3)})
    item = make.agenda_item(docking_round, hall=hall, title="专利开放许可", guests="李示例 市科技局")
    item.parties.add(mine)
    return docking_round


def paper(docking_round, kind, by, **fields) -> Paper:
    return Paper.objects.create(docking_round=docking_round, kind=kind, made_by=by, **fields)


def html(docking_round, kind, by, **fields) -> str:
    return paper_html(paper(docking_round, kind, by, **fields))


@pytest.mark.long
def test_every_paper_renders_without_missing_glyphs_with_a_page_for_each_letter_plan_and_table(docking_round, city):
    pages = {}
    for kind in Paper.Kind.values:
        content, pages[kind] = pdf.render_pdf(html(docking_round, kind, city))
        assert content.startswith(b"%PDF-") and pages[kind] >= 1, kind
    assert (pages["letters"], pages["plans"], pages["table_cards"]) == (3, 3, 6)


def test_booklet_contains_agenda_features_institutions_and_halls(docking_round, city):
    achievement = make.achievement(title="正极材料包覆", institution=make.institution("大连丙大学"))
    docking_round.featured.add(achievement)
    docking_round.institutions.add(achievement.institution)
    made = html(docking_round, "booklet", city)
    for words in (
        "冬季对接会",
        "示例承办中心",
        "专利开放许可",
        "李示例（市科技局）",
        "正极材料包覆",
        "大连丙大学",
        "甲厅",
    ):
        assert words in made, words
    assert "本次推介 1 项成果" in made and made.count("<rect") >= 6
    assert "相关政策" not in made


def test_booklet_contains_policies_in_force(docking_round, city):
    from mechanism.models import Policy

    day = docking_round.starts_at.date()
    for title, until in (("先使用后付费办法", None), ("过期办法", day - timedelta(days=1))):
        Policy.objects.create(
            title=title,
            source="公开报道",
            summary="先用后付。",
            valid_from=day - timedelta(days=400),
            valid_to=until,
            published_at=timezone.now(),
        )
    made = html(docking_round, "booklet", city)
    assert "相关政策" in made and "先使用后付费办法" in made and "过期办法" not in made


def test_plan_contains_meetings_and_required_agenda_items(docking_round, city):
    made = html(docking_round, "plans", city)
    mine = made[made.index("<h1>大连甲轴承有限公司") :].partition("</section>")[0]
    assert "甲厅 3 号桌" in mine and "大连丙大学 · 材料学院" in mine and "保持架磨损" in mine
    assert "专利开放许可" in mine and "共 1 场洽谈" in mine and "王示例（总工程师）" in mine
    other = made[made.index("<h1>大连乙化工有限公司") :].partition("</section>")[0]
    assert "目前没有安排洽谈" in other and "专利开放许可" not in other


def test_letters_have_the_code_and_badges_the_person_id(docking_round, city):
    letter = html(docking_round, "letters", city)
    for party in docking_round.parties.all():
        assert party.code in letter and party.full_name in letter
    badges = html(docking_round, "badges", city)
    person = docking_round.parties.get(organisation__name="大连甲轴承有限公司").attendees.get()
    assert "王示例" in badges and qr_code(person.public_id).replace("&", "&amp;") in badges.replace("&#x27;", "'")


def test_sign_in_sheet_is_grouped_by_district_with_blank_lines(docking_round, city):
    made = html(docking_round, "sign_in", city)
    assert made.index("金普新区") < made.index("大连甲轴承有限公司") and "大连乙化工有限公司" in made
    assert made.index("院校") < made.index("大连丙大学 · 材料学院")


def test_labels_are_not_wrapped(docking_round, city):
    """A label of two characters in a box that is too narrow would be wrapped."""
    from weasyprint import CSS, HTML

    docking_round.featured.add(make.achievement())
    page = HTML(string=html(docking_round, "booklet", city))
    document = page.render(stylesheets=[CSS(string=pdf.STYLE.read_text(encoding="utf-8"))])
    texts = [text for page in document.pages for text in texts_of(page._page_box)]
    assert {"阶段", "转化方式", "价格"} <= set(texts) and "阶" not in texts


def texts_of(box) -> list[str]:
    """The lines of a page as they were broken."""
    own = [box.text] if hasattr(box, "text") and isinstance(box.text, str) else []
    return own + [text for child in getattr(box, "children", ()) for text in texts_of(child)]


def test_anonymous_firm_is_printed_under_its_number(docking_round, city):
    """Institution pages and table cards hide the firm; the firm's own page names its partner."""
    meeting = Meeting.objects.get()
    need = make.demand(firm=meeting.firm_party.organisation, is_anonymous=True, public_alias="某轴承企业")
    Meeting.objects.update(unmatched_demand=need)
    assign_anonymous_numbers(docking_round)
    number = f"匿名企业 {Meeting.objects.get().anonymous_number:02d}"
    cards = html(docking_round, "table_cards", city)
    assert "大连甲轴承" not in cards and number in cards
    plans = html(docking_round, "plans", city)
    assert plans.count(number) == 2 and "大连丙大学" in plans  # the firm's own page says how it is shown
    assert plans.count("大连甲轴承有限公司") == plans.count("<h1") - 2  # only as the head of its own page


def test_hall_plan_has_one_square_for_each_table():
    assert hall_plan(0) == "" and hall_plan(24).count("<rect") == 24 and ">24</text>" in hall_plan(24)


class TestService:
    @pytest.mark.long
    def test_worker_renders_a_paper_once(self, docking_round, city):
        asked = request_paper(docking_round, "letters", by=city)
        make_paper(asked.pk)
        asked.refresh_from_db()
        assert (asked.status, asked.pages) == ("done", 3)
        with asked.file.open() as file:
            assert file.read().startswith(b"%PDF-")
        make_paper(asked.pk)
        again = Paper.objects.get()
        assert (again.file.name, again.finished_at) == (asked.file.name, asked.finished_at)

    def test_queued_paper_is_not_requested_twice(self, docking_round, city):
        request_paper(docking_round, "letters", by=city)
        with pytest.raises(ValidationError, match="正在生成"):
            request_paper(docking_round, "letters", by=city)
        request_paper(docking_round, "plans", by=city)
        with pytest.raises(ValidationError):
            request_paper(docking_round, "poster", by=city)

    def test_nothing_to_print_is_reported(self, docking_round, city):
        Party.objects.all().update(answer="invited", answered_at=None)
        for kind in ("plans", "badges", "sign_in"):
            asked = request_paper(docking_round, kind, by=city)
            make_paper(asked.pk)
            asked.refresh_from_db()
            assert asked.status == "failed" and "还没有" in asked.problem and not asked.file

    def test_missing_font_or_pango_is_named(self, docking_round, city, monkeypatch):
        monkeypatch.setattr(pdf, "missing_characters", lambda document: ["连", "市"])
        asked = request_paper(docking_round, "sign_in", by=city)
        make_paper(asked.pk)
        asked.refresh_from_db()
        assert "没有能显示“连市”的字体" in asked.problem and "fonts-noto-cjk" in asked.problem

    def test_unexpected_errors_are_stored_as_text(self, docking_round, city, monkeypatch):
        monkeypatch.setattr("rounds.services.papers.render_pdf", lambda html: 1 / 0)
        asked = request_paper(docking_round, "sign_in", by=city)
        make_paper(asked.pk)
        asked.refresh_from_db()
        assert asked.status == "failed" and "已记入日志" in asked.problem

    def test_district_requests_letters_and_plans_of_its_own_firms(self, docking_round):
        officer = make.district_officer("gaoxin")
        for kind in ("letters", "plans"):
            asked = request_paper(docking_round, kind, by=officer)
            assert asked.region.code == "gaoxin"
            made = paper_html(asked)
            assert "大连乙化工有限公司" in made
            assert "大连甲轴承有限公司" not in made and "<h1>大连丙大学" not in made
        for kind in ("booklet", "badges", "sign_in", "table_cards"):
            with pytest.raises(PermissionDenied):
                request_paper(docking_round, kind, by=officer)
        for nobody in (make.auditor(), make.firm_officer()):
            with pytest.raises(PermissionDenied):
                request_paper(docking_round, "letters", by=nobody)

    def test_lost_paper_is_sent_again(self, docking_round, city, monkeypatch):
        sent = []
        monkeypatch.setattr("rounds.services.papers.send_paper", sent.append)
        old = paper(docking_round, "letters", city, made_at=timezone.now() - timedelta(minutes=5))
        paper(docking_round, "plans", city)
        ahead = paper(docking_round, "badges", city, made_at=timezone.now() + timedelta(hours=1))  # by a wrong clock
        assert sweep_papers() == 2 and set(sent) == {old.pk, ahead.pk}

    @pytest.mark.django_db(transaction=True)
    def test_two_workers_render_it_once(self, monkeypatch):
        docking_round, city, calls = make.docking_round(), make.city_officer(), []
        make.party(docking_round)
        asked = paper(docking_round, "sign_in", city)
        ready = threading.Barrier(2)

        def set_slowly(html):
            calls.append(html)
            return b"%PDF-1", 1

        monkeypatch.setattr("rounds.services.papers.render_pdf", set_slowly)

        def work():
            ready.wait(10)
            make_paper(asked.pk)
            connection.close()

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert len(calls) == 1 and Paper.objects.get().status == "done"


class TestPages:
    def test_downloaded_letters_count_as_printed(self, client, docking_round, city):
        long_ago = timezone.now() - timedelta(days=2)
        Party.objects.filter(docking_round=docking_round).update(
            letter="paper", invited_at=long_ago, answer="invited", answered_at=None
        )
        near, far = Party.objects.filter(side="firm").order_by("pk")
        soon = timezone.now() + timedelta(minutes=1)
        late = make.party(docking_round, make.firm(), answer="invited", letter="paper", invited_at=soon)
        done = {"status": "done", "finished_at": timezone.now()}
        jinpu, whole = (
            paper(docking_round, "letters", city, region=region, file=ContentFile(b"%PDF-1", "letters.pdf"), **done)
            for region in (make.region(), None)
        )

        def fetch(user, paper):
            client.force_login(user)
            answer = client.get(reverse("admin:rounds_paper_download", args=[paper.public_id]))
            assert b"".join(answer.streaming_content) == b"%PDF-1"

        fetch(make.auditor(), whole)
        assert set(Party.objects.values_list("letter", flat=True)) == {"paper"}
        fetch(make.district_officer(), jinpu)
        letters = dict(Party.objects.values_list("pk", "letter"))
        assert (letters[near.pk], letters[far.pk], letters[late.pk]) == ("printed", "paper", "paper")
        fetch(city, whole)
        assert list(Party.objects.filter(letter="paper")) == [late]

    def test_papers_are_requested_and_downloaded(self, client, docking_round, city):
        client.force_login(city)
        page = reverse("admin:rounds_papers", args=[docking_round.pk])
        answer = client.post(
            reverse("admin:rounds_papers_make", args=[docking_round.pk]), {"kind": "sign_in"}, follow=True
        )
        assert "正在生成签到表" in answer.text and 'hx-trigger="every 3s"' in answer.text
        asked = Paper.objects.get()
        path = reverse("admin:rounds_paper_download", args=[asked.public_id])
        assert client.get(path).status_code == 404
        make_paper(asked.pk)
        assert path in client.get(page).text and "every 3s" not in client.get(page, headers={"HX-Request": "true"}).text
        answer = client.get(path)
        assert b"".join(answer.streaming_content).startswith(b"%PDF-")
        assert "attachment" in answer["Content-Disposition"]

    def test_district_sees_only_its_own_papers(self, client, docking_round, city, monkeypatch):
        monkeypatch.setattr("rounds.services.papers.render_pdf", lambda html: (b"%PDF-1", 1))
        officer = make.district_officer("gaoxin")
        mine, citys = (
            request_paper(docking_round, "letters", by=officer),
            request_paper(docking_round, "letters", by=city),
        )
        for paper in (mine, citys):
            make_paper(paper.pk)
        client.force_login(officer)
        page = client.get(reverse("admin:rounds_papers", args=[docking_round.pk])).text
        assert mine.public_id in page and citys.public_id not in page
        assert "参会证" not in page and "全部数据" not in page
        answer = client.get(reverse("admin:rounds_paper_download", args=[mine.public_id]))
        assert b"".join(answer.streaming_content).startswith(b"%PDF-")
        assert client.get(reverse("admin:rounds_paper_download", args=[citys.public_id])).status_code == 404
        assert (
            client.post(reverse("admin:rounds_papers_make", args=[docking_round.pk]), {"kind": "badges"}).status_code
            == 403
        )

    def test_workbook_contains_everything_with_masked_names(self, client, docking_round, city):
        client.force_login(city)
        book = load_workbook(
            io.BytesIO(client.get(reverse("admin:rounds_papers_export", args=[docking_round.pk])).content)
        )
        assert book.sheetnames == ["参会单位", "议程", "洽谈", "洽谈结果"]
        text = {name: str([list(row) for row in book[name].values]) for name in book.sheetnames}
        assert "大连甲轴承有限公司" in text["参会单位"] and "王** 总工程师" in text["参会单位"]
        assert "王示例" not in "".join(text.values())
        assert "专利开放许可" in text["议程"] and "甲厅" in text["洽谈"] and "保持架磨损" in text["洽谈"]
        assert all(str(city) in words and "仅供对接工作使用" in words for words in text.values())
