"""The home of a round, its acts, and the three screens on which a round is copied."""

import html
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from matching.models import MatchRun
from notices.models import Notice
from rounds.models import (
    Attendee,
    AvoidedPeriod,
    DockingRound,
    FeaturedSelection,
    GuestTerms,
    HallWalk,
    LateRule,
    Meeting,
    Outcome,
    PreDockingTarget,
    RoundMove,
)
from rounds.services.guest_letters import save_text
from rounds.services.guest_messages import call_list, record_call
from rounds.services.guests import invite_parties
from rounds.services.invitation_answers import answer_invitation
from rounds.services.invitation_replies import InvitationReply, reply_of
from rounds.services.late_answers import propose_answer
from rounds.services.rounds import archive_round
from tests import factories as make
from tests.browser_client import one_line

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(client):
    officer = make.city_officer()
    client.force_login(officer)
    return officer


def round_in(days: int, **fields) -> DockingRound:
    begin = make.noon(days=days) - timedelta(hours=3)
    values = {"name": "第四场对接会", "place": "会展中心", "announced_at": timezone.now()} | fields
    return make.docking_round(starts_at=begin, ends_at=begin + timedelta(hours=8), **values)


def home(docking_round) -> str:
    return reverse("admin:rounds_home", args=[docking_round.pk])


def act(docking_round, name) -> str:
    return reverse(f"admin:rounds_act_{name}", args=[docking_round.pk])


@pytest.mark.parametrize(
    ("fields", "days", "words", "current"),
    [
        ({"status": "preparing", "place": ""}, 60, "还没有地点，请填写。", "prepare"),
        ({"status": "gathering"}, 40, "选择要邀请的单位", "guests"),
        ({"status": "scheduled"}, 5, "生成会议材料", "day"),
        ({"status": "scheduled"}, 0, "活动开始", "day"),
        ({"status": "running"}, 0, "看现场签到和洽谈", "day"),
        ({"status": "gathering"}, -2, "活动时间已过，结束并匹配", "guests"),
        ({"status": "cancelled"}, 5, None, None),
    ],
)
def test_one_next_act_for_each_state(client, city, fields, days, words, current):
    docking_round = round_in(days, **fields)
    if days == 0:
        now = timezone.now()
        DockingRound.objects.update(starts_at=now + timedelta(minutes=5), ends_at=now + timedelta(hours=8))
    page = client.get(home(docking_round))
    act = page.context["next_act"]
    assert (act.words if act else None) == words
    assert page.text.count("btn-p") == (1 if words else 0)
    assert next((phase.key for phase, _lines in page.context["phases"] if phase.state == "current"), None) == current


def rows_behind(page, words: str) -> int:
    """How many rows the page behind a number of the home lists."""
    context = page.context
    if "cl" in context:
        return context["cl"].result_count
    if "halls" in context:
        open_halls = [hall for hall in context["halls"] if hall.closed_at is None]
        return {"个场地": len(open_halls), "张洽谈桌": context["tables"], "个洽谈时段": len(context["slots"])}[words]
    for name in ("items", "papers"):
        if name in context:
            return len(context[name])
    return context["page"].paginator.count


@pytest.fixture
def full_round(city):
    """Something behind each number of a round, no two numbers alike where a page lists several."""
    docking_round = round_in(-1, status="closed", closed_at=timezone.now(), match_run=make.match_run())
    hall = make.hall(docking_round, tables=7)
    make.hall(docking_round, name="二号厅", tables=5)
    make.hall(docking_round, name="停用的厅", tables=9, closed_at=timezone.now())
    slots = make.slots(docking_round, 4)
    make.agenda_item(docking_round)
    make.agenda_item(docking_round, after=60, dropped_at=timezone.now(), dropped_reason="讲者生病")
    for rank in (1, 2, 3):
        docking_round.features.create(achievement=make.achievement(), rank=rank)
    for answer, number in (("listed", 2), ("invited", 3)):
        for _ in range(number):
            make.party(docking_round, answer=answer)
    for answer in ("listed", "invited"):
        make.party(docking_round, make.institution(f"大连{answer}大学"), answer=answer)
    make.party(docking_round, answer="invited", letter="paper")
    firms = [make.party(docking_round) for _ in range(2)]
    teams = [make.party(docking_round, make.institution(f"大连示例大学{number}")) for number in range(3)]
    for number, firm in enumerate(firms):
        for _ in range(number + 1):
            make.attendee(firm)
    make.attendee(teams[0], checked_in_at=timezone.now())
    make.attendee(firms[0], dietary="清真", access="轮椅通道")
    meetings = [make.meeting(firm, team) for firm in firms for team in teams]
    make.timetable(docking_round, {talk: (slot, hall, 1) for slot, talk in zip(slots, meetings, strict=False)})
    for meeting, status in zip(meetings, ("held", "begun", "held", "dropped"), strict=False):
        Meeting.objects.filter(pk=meeting.pk).update(
            status=status, dropped_reason="取消" if status == "dropped" else ""
        )
    Outcome.objects.create(meeting=meetings[0], side="host", verdict="go_on")
    docking_round.papers.create(kind="badges", made_by=city)
    make.match(run=docking_round.match_run)
    make.match(run=docking_round.match_run, status="accepted", reviewed_by=city, reviewed_at=timezone.now())
    return docking_round


@pytest.mark.long
@pytest.mark.parametrize("role", ["city", "district"])
def test_each_number_opens_exactly_its_rows(client, city, full_round, role):
    if role == "district":
        client.force_login(make.district_officer())
    page = client.get(home(full_round))
    lines = [(line, link) for phase in page.context["phases"] for line, link in phase[1] if link]
    assert len({line.words for line, _link in lines}) == len(lines) >= (20 if role == "city" else 12)
    wrong = {
        line.words: (line.number, rows)
        for line, link in lines
        if (rows := rows_behind(client.get(link), line.words)) != line.number
    }
    assert wrong == {}
    if role == "city":
        assert [line.words for line, _link in lines if not line.number] == []
        assert client.get(reverse("admin:rounds_home_rows", args=[full_round.pk]) + "?of=x").status_code == 404


@pytest.mark.long
def test_an_auditor_follows_each_figure_to_its_record_and_its_trail(client, full_round):
    firm = full_round.meetings.get(status="begun").firm_party.organisation
    need = make.demand(firm=firm, is_anonymous=True, public_alias="某企业")
    Meeting.objects.filter(status="begun").update(unmatched_demand=need, anonymous_number=7)
    client.force_login(make.auditor())
    pk = [full_round.pk]
    pages = [f"{reverse('admin:rounds_home_rows', args=pk)}?of={name}" for name in ("featured", "expected", "matches")]
    figures = ("featured", "came_firms", "came_teams", "people", "held", "planned")
    pages += [f"{reverse('admin:rounds_report_rows', args=pk)}?figure={name}" for name in figures]
    for page in pages:
        text = client.get(page).text
        record = re.search(r'<th scope="row">\s*<a href="([^"]+)">', text)
        assert record and client.get(html.unescape(record[1])).status_code == 200, page
    meeting = full_round.meetings.get(status="begun")
    talk = client.get(f"{reverse('admin:rounds_timetable_requests', args=pk)}?meeting={meeting.public_id}").text
    assert "1 场</h2>" in talk and str(meeting.firm_party) in talk and "匿名企业 07" in talk
    trail = re.search(r'href="([^"]+)"\s*>操作记录', talk)
    assert trail and client.get(html.unescape(trail[1])).status_code == 200
    assert client.get(reverse("admin:rounds_dockinground_history", args=pk)).status_code == 200


def test_an_auditor_reads_no_field_or_word_of_those_who_act(client):
    docking_round = round_in(20)
    halls = [make.hall(docking_round, name=name) for name in ("甲厅", "乙厅")]
    HallWalk.objects.create(hall=halls[0], other_hall=halls[1], minutes=4)
    make.meeting(make.party(docking_round), make.party(docking_round, make.institution()), institution_word="asked")
    make.demand()
    client.force_login(make.auditor())
    pk, query = [docking_round.pk], f"?round={docking_round.public_id}"
    venue = client.get(reverse("admin:rounds_venue", args=pk)).text
    assert "甲厅 – 乙厅：4 分钟" in one_line(venue) and 'name="walk_' not in venue
    assert ">生成<" not in client.get(reverse("admin:rounds_papers", args=pk)).text
    proposals = client.get(reverse("admin:rounds_proposals") + query).text
    assert "由市级专员和区市县专员邀请" in proposals and "结束以前才能邀请" not in proposals
    talks = client.get(reverse("admin:rounds_talks", args=pk)).text
    assert "大连理工大学答复" in one_line(talks) and "电话里" not in talks


def test_what_guests_eat_and_need_is_read_by_who_prepares_the_day_until_the_round_is_archived(client, city, full_round):
    address = reverse("admin:rounds_home_rows", args=[full_round.pk]) + "?of=needs"
    page = client.get(address).text
    assert "清真" in page and "轮椅通道" in page and "人有饮食或无障碍需要" in client.get(home(full_round)).text
    client.force_login(make.auditor())
    assert "清真" not in client.get(address).text and "饮食" not in client.get(home(full_round)).text
    MatchRun.objects.update(status="done", finished_at=timezone.now())
    archive_round(full_round, by=city)
    assert not Attendee.objects.with_needs().exists()


@pytest.mark.long
def test_each_page_of_the_guests_stands_in_the_frame_of_the_round(client, city):
    docking_round = round_in(20)
    party = make.party(docking_round, answer="invited")
    query, pk = f"?round={docking_round.public_id}", [docking_round.pk]
    pages = {
        "会前准备": [reverse(f"admin:rounds_{name}") + query for name in ("board", "targets")]
        + [reverse("admin:rounds_board_rows", args=["silent"]) + query],
        "选择要邀请的": [reverse("admin:rounds_proposals") + query],
        "全部单位": [
            reverse("admin:rounds_party_changelist") + f"?docking_round__id__exact={docking_round.pk}",
            reverse("admin:rounds_party_change", args=[party.pk]),
            reverse("admin:rounds_party_answer", args=[party.pk]),
        ],
        "发件箱": [reverse("admin:rounds_outbox", args=pk)],
        "电话名单": [reverse("admin:rounds_calls", args=pk)],
        "迟到和候补": [reverse("admin:rounds_late_answers", args=pk)],
        "等接受的洽谈": [reverse("admin:rounds_talks", args=pk)],
        "信函文字": [reverse("admin:rounds_letters", args=pk)],
    }
    for words, addresses in pages.items():
        for address in addresses:
            page = client.get(address).text
            frame = page[page.index('class="rd-top"') :]
            assert len(re.findall(rf'aria-current="page"\s*>{words}</a>', frame)) == 1, address
            assert home(docking_round) in frame, address
    assert "rd-top" not in client.get(reverse("admin:rounds_party_changelist")).text


def test_waits_name_who_since_when(client, city):
    docking_round = round_in(20)
    firm = make.party(docking_round, answer="invited", invited_at=timezone.now() - timedelta(days=9))
    make.party(docking_round)
    make.party(docking_round, make.institution(), answer="invited", invited_at=timezone.now())
    page = client.get(home(docking_round))
    wait, link = page.context["waits"][0]
    assert (wait.who, wait.late_days) == (str(firm), 6)
    assert wait.since == localdate(firm.invited_at) and link.endswith(f"/party/{firm.pk}/change/")
    assert "1 家邀请或提醒后超过 3 天没有答复。" in page.text
    assert page.context["next_act"].words == "提醒 1 家没有答复的单位"
    assert [party.answer for party in page.context["without_talk"]] == ["coming"]


def test_the_next_act_follows_the_guests(client, city):
    """Who is listed is invited, who cannot be reached is telephoned, nothing is gathered while all are silent."""
    docking_round = round_in(60)
    firm = make.party(docking_round, answer="listed")
    make.contact(make.party(docking_round, make.institution(), answer="listed").organisation, email="office@example.cn")

    def next_act() -> tuple[str, str]:
        context = client.get(home(docking_round)).context
        return context["next_act"].words, context["next_link"]

    words, link = next_act()
    assert words == "邀请名单上的 1 家企业，接着邀请 1 个院校团队" and "side=office" not in link
    invite_parties([firm], by=city)
    assert next_act()[0] == "邀请名单上的 1 个院校团队"
    invite_parties(list(docking_round.parties.filter(answer="listed")), by=city)
    calls = reverse("admin:rounds_calls", args=[docking_round.pk])
    assert next_act() == ("给 1 家没有答复的单位打电话", calls)
    answer_invitation(firm, InvitationReply(coming=False), revision=0)
    assert next_act() == ("等 1 家答复", reverse("admin:rounds_outbox", args=[docking_round.pk]))


def test_waits_name_whom_talks_and_late_answers_wait_for(client, city):
    docking_round = round_in(20)
    firms, team = [make.party(docking_round) for _ in range(2)], make.party(docking_round, make.institution())
    assert client.get(home(docking_round)).context["next_act"].words == "汇总洽谈"
    make.timetable(docking_round)
    for firm in firms:
        make.meeting(firm, team, institution_word="asked", made_at=timezone.now() - timedelta(days=5))
    propose_answer(firms[0], reply_of(firms[0]), by=None)
    shown = client.get(home(docking_round)).context["waits"]
    waits, pk = {wait.who: (wait.what, wait.late_days, link) for wait, link in shown}, [docking_round.pk]
    assert waits[str(team)] == ("接受或不接受 2 场洽谈", 2, reverse("admin:rounds_talks", args=pk))
    assert waits["市级专员"] == ("决定 1 家迟到的答复", 0, reverse("admin:rounds_late_answers", args=pk))


def test_a_district_reads_its_own_numbers_and_may_do_nothing_with_the_round(client):
    docking_round = round_in(20)
    make.party(docking_round)
    district = make.district_officer()
    client.force_login(district)
    page = client.get(home(docking_round))
    lines = {line.words: line.number for phase in page.context["phases"] for line in phase[0].lines}
    own = docking_round.parties.filter(organisation__stat_region__in=district.scope.region_ids).count()
    assert lines["家企业参加"] == own and not page.context["acts"] and "btn-p" not in page.text
    assert client.post(act(docking_round, "cancel"), {"reason": "无", "sure": "on"}).status_code == 403


def test_an_act_that_is_too_early_says_when_and_offers_no_button(client, city):
    docking_round = round_in(90, status="scheduled")
    page = client.get(act(docking_round, "begin"))
    assert "起才能开始" in page.text and "btn-p" not in page.text
    assert client.post(act(docking_round, "close")).status_code == 422
    docking_round.refresh_from_db()
    assert docking_round.status == "scheduled"


def test_cancelling_asks_for_a_reason_and_a_second_word_and_is_taken_back(client, city):
    docking_round = round_in(20)
    make.firm_officer(make.party(docking_round).organisation)
    assert "会通知 1 家：发平台消息 1 家。" in one_line(client.get(act(docking_round, "cancel")).text)
    for data in ({"reason": "台风"}, {"sure": "on"}):
        assert client.post(act(docking_round, "cancel"), data).status_code == 422
    page = client.post(act(docking_round, "cancel"), {"reason": "台风", "sure": "on"}, follow=True)
    assert "活动已取消。已通知 1 家：发平台消息 1 家。" in page.text and "撤销“取消活动”" in page.text
    assert "已通知 1 家单位，参会单位会再收到一次通知" in client.get(act(docking_round, "back")).text
    page = client.post(act(docking_round, "back"), {"reason": "预警解除"}, follow=True)
    assert "已恢复为“会前撮合”。已通知 1 家：发平台消息 1 家。" in page.text


def test_a_step_that_cannot_be_taken_back_says_why_and_what_to_do_instead(client, city):
    docking_round = round_in(40, status="preparing", host=make.organisation("city", "市科技局"))
    make.hall(docking_round)
    client.post(act(docking_round, "announce"))
    assert act(docking_round, "back") in client.get(home(docking_round)).text
    invite_parties([make.party(docking_round, answer="listed")], by=city)
    page = client.get(home(docking_round)).text
    why = "已邀请 1 家单位，不能再撤回发布。时间有变请用“改期”，不办了请用“取消活动”。"
    assert why in page and "撤销“发布活动”" in page and act(docking_round, "back") not in page
    page = client.get(act(docking_round, "back")).text
    assert why in page and "<textarea" not in page
    assert client.post(act(docking_round, "back"), {"reason": "改了主意"}).status_code == 422


@pytest.mark.long
def test_whoever_was_telephoned_or_read_a_notice_was_told(client, city):
    """Only the telephone reaches the guest: until the call nobody was told, afterwards it is told again."""
    docking_round = round_in(40)
    make.party(docking_round)
    client.post(act(docking_round, "cancel"), {"reason": "台风", "sure": "on"})
    assert "还没有通知过任何人" in client.get(home(docking_round)).text
    record_call(call_list(docking_round, city).get(), outcome="reached", by=city)
    assert "已打电话告诉 1 家，参会单位会再收到一次通知" in client.get(home(docking_round)).text
    assert client.post(act(docking_round, "back")).status_code == 422  # without a reason
    client.post(act(docking_round, "back"), {"reason": "预警解除"})
    docking_round.refresh_from_db()
    assert docking_round.status == "gathering"
    officer = make.district_officer()
    client.post(act(docking_round, "cancel"), {"reason": "台风", "sure": "on"})
    assert Notice.objects.filter(recipient=officer).exists()
    assert "已通知 1 位专员" in client.get(home(docking_round)).text
    running = round_in(0, name="进行中的", status="running")
    RoundMove.objects.create(docking_round=running, step="begin", from_status="scheduled", to_status="running", by=city)
    assert "还没有通知过任何人" in client.get(home(running)).text
    running.announcements.create(text="开场推迟", shown_until=timezone.now() + timedelta(hours=1))
    assert "1 条现场通知已发出，参会单位会收到通知，写明原因。" in client.get(home(running)).text


def test_postponing_takes_the_new_time(client, city):
    docking_round = round_in(20)
    assert client.post(act(docking_round, "postpone"), {"starts_at": "下周", "reason": "会场冲突"}).status_code == 422
    day = localdate() + timedelta(days=41)
    page = client.post(act(docking_round, "postpone"), {"starts_at": f"{day}T13:30", "reason": "会场冲突"}, follow=True)
    docking_round.refresh_from_db()
    assert localdate(docking_round.starts_at) == day and "活动已改期。" in page.text


class TestCopy:
    @pytest.fixture
    def source(self, city):
        """A round that was held, with all that can be copied and with answers that must not be."""
        docking_round = round_in(-80, status="gathering", themes="海洋", description="请携带样品。")
        halls = [make.hall(docking_round, name=name, tables=12) for name in ("甲厅", "乙厅")]
        HallWalk.objects.create(hall=halls[0], other_hall=halls[1], minutes=4)
        make.slots(docking_round, 3)
        item = make.agenda_item(docking_round, title="开场致辞", hall=halls[0])
        firm, team = make.party(docking_round), make.party(docking_round, make.institution(), team="化工学院")
        item.parties.add(firm)
        make.party(docking_round, answer="declined")
        make.attendee(team)
        make.meeting(firm, team)
        FeaturedSelection.objects.create(docking_round=docking_round, rules={"number": 40})
        PreDockingTarget.objects.create(
            docking_round=docking_round, region=make.region(), kind="invited", number=9, set_by=city
        )
        save_text(docking_round, "chat", subject="", body="{单位}请点 {答复链接}", by=city)
        GuestTerms.objects.create(docking_round=docking_round, contact_phone="0411-0000000", most_firms=40)
        LateRule.objects.create(docking_round=docking_round, kind="shorten", min_minutes=8)
        return docking_round

    def test_three_screens_copy_all_but_answers(self, client, source):
        page = client.get(reverse("admin:rounds_copy"))
        form = page.context["form"]
        assert form.initial["name"] == "第五场对接会" and form.initial["begin"] == "09:00"
        day = page.context["proposals"][0].day
        data = {"from": source.public_id, "name": "第五场对接会", "themes": "能源", "place": "会展中心"}
        data |= {"choice": f"{day}", "begin": "09:00", "end": "17:00"}
        page = client.post(reverse("admin:rounds_copy"), data, follow=True)
        made = DockingRound.objects.get(name="第五场对接会")
        assert (made.status, localdate(made.starts_at), made.description) == ("preparing", day, "请携带样品。")
        hall, other = made.halls.order_by("pk")
        assert HallWalk.objects.get(hall=hall, other_hall=other).minutes == 4
        assert [localdate(slot.starts_at) for slot in made.slots.all()] == [day] * 3
        copied = made.agenda.get()
        assert (copied.title, copied.hall, copied.parties.count()) == ("开场致辞", hall, 0)
        assert made.featured_selection.rules == {"number": 40} and made.targets.get().number == 9
        assert not made.parties.exists() and not made.meetings.exists()
        letter = made.letter_texts.get()
        assert (letter.kind, letter.body) == ("chat", "{单位}请点 {答复链接}")
        assert (made.guest_terms.contact_phone, made.guest_terms.most_firms) == ("0411-0000000", 40)
        assert (made.late_rule.kind, made.late_rule.min_minutes) == ("shorten", 8)
        slots = {"begin": "13:00", "end": "15:00", "length": "30", "pause": "0", "renew": "on"}
        tables = {f"tables_{hall.pk}": "20", f"tables_{other.pk}": "12"}
        page = client.post(page.request["PATH_INFO"], tables | slots, follow=True)
        assert made.slots.count() == 4 and made.halls.get(pk=hall.pk).tables == 20
        assert "checked" not in page.text.split("<tbody>")[1], "the list of guests is a proposal"
        address = page.request["PATH_INFO"]
        assert client.post(address, {"which": "ticked"}).status_code == 422
        page = client.post(address, {"which": "coming"}, follow=True)
        assert "2 家单位列入名单，还没有邀请" in page.text
        listed = made.parties.order_by("side").values_list("answer", "team", "invited_at")
        assert list(listed) == [("listed", "", None), ("listed", "化工学院", None)]

    def test_a_day_to_be_avoided_needs_a_second_word(self, client, source):
        day = localdate() + timedelta(days=70)
        day += timedelta(days=(1 - day.weekday()) % 7)
        AvoidedPeriod.objects.create(name="博览会", from_on=day, until_on=day)
        data = {"from": source.public_id, "name": "新活动", "choice": "other", "day": f"{day}"}
        data |= {"begin": "09:00", "end": "17:00"}
        refused = client.post(reverse("admin:rounds_copy"), data)
        assert refused.status_code == 422 and "博览会" in refused.text and "仍用这一天" in refused.text
        assert client.post(reverse("admin:rounds_copy"), data | {"despite": "on"}).status_code == 302
        assert client.post(reverse("admin:rounds_copy"), data | {"despite": "on"}).status_code == 422  # same name
