"""The inbox of one university: enquiries in each state, some with completers, a question, and the monthly letters."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Contact, User
from achievements.models import Achievement
from core.workdays import add_workdays
from correspondence.models import Handover
from correspondence.people import completers_of
from correspondence.services.completer_answers import answer_by_link, send_answer, version_of
from correspondence.services.handovers import hand_over
from correspondence.services.letters import set_letters
from enquiries.models import Approach
from enquiries.models.approach import Side
from enquiries.services.sending import send_enquiry
from enquiries.services.thread import mark_read, post_message
from matching.models import Match
from matching.services.questions import ask_question
from portal.demo.dataset import moment
from portal.demo.people import DemoContext

OFFICE = "dut"
ASKED = (
    ("qiling", "这套装置能不能先租用一年再决定买不买？", True),
    ("xianxu", "在零下二十度的冷库里还能稳定工作吗？有没有类似工况的数据？", False),
    ("fanyue", "想请课题组到现场看一次，哪几天方便？", False),
    ("xianxu", "我们只有一条小线，投入大概要多少？多久回本？", True),
    ("fanyue", "材料换成国产牌号后，性能会差多少？", False),
)
"""Firm, text, anonymous: new, handed over, answered with times, sent from a completer, written again by the firm."""
LETTERS = 3


def load_correspondence(demo: DemoContext) -> None:
    """Runs once."""
    if Handover.objects.exists():
        return
    officer = demo.people[OFFICE]
    offered = Achievement.objects.on_offer().filter(institution__in=officer.scope.institution_ids).order_by("pk")
    items = list(offered.filter(approaches=None, matches=None, renewal_answers=None)[: len(ASKED)])
    approaches = [
        send_enquiry(
            item, firm=demo.organisations[firm], purpose="adopt", text=text, is_anonymous=hidden, by=demo.people[firm]
        )
        for item, (firm, text, hidden) in zip(items, ASKED, strict=True)
    ]
    _handed, timed, sent, again = approaches[1:]
    _give(approaches[1], officer, "请您直接写几句，企业问的是低温。")
    waiting = _give(timed, officer, "企业想请课题组到现场。")
    answer_by_link(
        waiting,
        Handover.Kind.TIMES,
        text="去之前请企业准备好最近一个月的运行记录。",
        starts=[moment(6, 10), moment(7, 14)],
        place="企业现场",
    )
    answered = _give(sent, officer, "")
    answer_by_link(answered, Handover.Kind.TEXT, text="小线一套三十万元左右，按现在的电价大约两年回本。")
    send_answer(answered, text=answered.text, by=officer, seen=version_of(answered))
    mark_read(again, by=officer)
    post_message(again, text="差别在百分之五以内，可以提供对比数据。", by=officer)
    post_message(again, text="好的，请把对比数据的测试条件也写一下。", by=demo.people["fanyue"])
    _move_back(approaches[1])
    _ask(officer, demo)
    _write_letters(officer, items)


def _give(approach: Approach, officer: User, note: str) -> Handover:
    item = approach.achievement
    assert item is not None  # an enquiry is about an achievement
    closes_on = timezone.localdate() + timedelta(days=5)
    return hand_over(approach, next(iter(completers_of(item))), closes_on=closes_on, note=note, by=officer)


def _move_back(approach: Approach) -> None:
    """Sent ten days ago: late, although a completer has it."""
    sent_at = timezone.now() - timedelta(days=10)
    Approach.objects.filter(pk=approach.pk).update(
        sent_at=sent_at, answer_due_on=add_workdays(timezone.localdate(sent_at), 5)
    )


def _ask(officer: User, demo: DemoContext) -> None:
    match = (
        Match.objects.awaiting_review()
        .filter(achievement__institution__in=officer.scope.institution_ids, questions=None)
        .order_by("score", "pk")
        .select_related("demand__firm")
        .first()
    )
    if match is not None:
        text = "现有样机连续运行过多久？有没有第三方检测报告？"
        ask_question(match, side=Side.INSTITUTION, text=text, by=demo.district_of(match.demand.firm))


def _write_letters(officer: User, items: list[Achievement]) -> None:
    """Contacts are written directly: they are the people in charge themselves, with addresses of nobody."""
    institution = items[0].institution
    offered = Achievement.objects.on_offer().filter(institution=institution)
    viewed = offered.filter(daily_views__isnull=False).order_by("pk").distinct()
    ended = offered.filter(approaches__ended_side=Side.FIRM).order_by("pk").distinct()
    chosen = list(dict.fromkeys([*ended[:1], *viewed.filter(college="")[:1], *viewed[:LETTERS]]))
    for number, item in enumerate(chosen[:LETTERS], start=1):
        contact = Contact.objects.create(
            organisation=institution,
            name=item.lead_person,
            email=f"completer{number}@example.com",
            consented_at=timezone.now(),
        )
        Achievement.objects.filter(pk=item.pk).update(contact=contact)
    set_letters(institution, is_on=True, includes_feedback=True, by=officer)
