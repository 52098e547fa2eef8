"""The kinds of rows in the inbox of an institution's office, and what the office reads of each.

A kind names its rows, the keys of the open work (待办) that its waiting rows are counted by, and how a row is shown. An
anonymous firm is shown by its alias. What a firm asked of a round about the institution's achievements is no kind: the
other side never reads meeting requests.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.models import User
from accounts.names import name_for
from achievements.models import Achievement
from deals.models import Confirmation, IncomeCase, IncomeShare, PriceObjection, PricePublicity
from drafting.models import DocumentDraft
from enquiries.models import Approach
from enquiries.models.approach import Side
from enquiries.presentation import search_box
from integrity.models import Explanation
from matching.models import FollowUp, Question
from portfolio.models import ItemProposal, RenewalAnswer
from rounds.models import MeetingRequest, Party


@dataclass(frozen=True)
class InboxKind:
    """rows: all of the office, also the answered ones, with what a list shows. since: lookup of the moment it came.

    works: keys of `OpenWork`. item: lookup of the achievement; empty if the kind is about none. handed: the field of a
    `Handover`; empty if it cannot be handed over. other: condition for "waits for the other side". search, searched:
    how the box finds a row besides its achievement: by a function, or in these columns, none of another table's many.
    """

    key: str
    label: str
    model: type
    rows: Callable[[User], QuerySet[Any]]
    since: str
    works: tuple[str, ...]
    who: Callable[[Any, User], str]
    text: Callable[[Any], str]
    title: Callable[[Any], str]
    url: Callable[[Any], str]
    item: str = ""
    handed: str = ""
    other: Q = field(default_factory=lambda: Q(pk__in=[]))
    search: Callable[[Any, User, str], QuerySet[Any]] | None = None
    searched: tuple[str, ...] = ()

    def achievement_of(self, row: Any) -> Achievement | None:
        for name in filter(None, self.item.split("__")):
            row = getattr(row, name)
        return row if self.item else None


def _page(key: str) -> Callable[[Any], str]:
    return lambda row: reverse("inbox_item", args=[f"{key}-{row.public_id}"])


def _own(user: User) -> frozenset[int]:
    return user.scope.institution_ids


def _approaches(kind: str) -> Callable[[User], QuerySet[Approach]]:
    return lambda user: Approach.objects.visible_to(user).filter(kind=kind, institution__in=_own(user)).with_pair()


def _questions(user: User) -> QuerySet[Question]:
    rows = Question.objects.addressed_to(user).filter(side=Side.INSTITUTION)
    return rows.filter(match__achievement__institution__in=_own(user)).select_related("match__achievement")


def _follow_ups(user: User) -> QuerySet[FollowUp]:
    rows = FollowUp.objects.visible_to(user).not_withdrawn().filter(match__achievement__institution__in=_own(user))
    return rows.select_related("match__achievement", "match__demand__firm", "match__follow_up", "owner")


def _invitations(user: User) -> QuerySet[Party]:
    rows = Party.objects.represented_by(user).filter(side=Party.Side.INSTITUTION, invited_at__isnull=False)
    return rows.select_related("docking_round", "organisation")


def _requests(user: User) -> QuerySet[MeetingRequest]:
    """The office's own; of the firms' it learns from the timetable."""
    own = Party.objects.represented_by(user).filter(side=Party.Side.INSTITUTION).values("pk")
    rows = MeetingRequest.objects.filter(party__in=own).exclude(status=MeetingRequest.Status.WITHDRAWN)
    return rows.select_related("party__docking_round", "demand__firm", "achievement")


def _confirmations(user: User) -> QuerySet[Confirmation]:
    return Confirmation.objects.addressed_to(user).filter(organisation__in=_own(user)).exclude(matter="listed")


def _explanations(user: User) -> QuerySet[Explanation]:
    rows = Explanation.objects.addressed_to(user).filter(organisation__in=_own(user), withdrawn_at=None)
    return rows.select_related("organisation")


def _price_objections(user: User) -> QuerySet[PriceObjection]:
    rows = PriceObjection.objects.filter(publicity__in=PricePublicity.objects.of_seller(user))
    return rows.select_related("publicity__deal__seller")


def _share_objections(user: User) -> QuerySet[IncomeShare]:
    """Those that are not settled: a new amount or the person's consent removes the objection."""
    return IncomeShare.objects.filter(case__in=IncomeCase.objects.visible_to(user)).objected().select_related("case")


def _proposals(user: User) -> QuerySet[ItemProposal]:
    return ItemProposal.objects.visible_to(user).select_related("achievement", "proposed_by")


def _renewals(user: User) -> QuerySet[RenewalAnswer]:
    rows = RenewalAnswer.objects.visible_to(user).exclude(status=RenewalAnswer.Status.WAITING)
    return rows.select_related("achievement", "request")


def _drafts(user: User) -> QuerySet[DocumentDraft]:
    """Only those that wait: what became of the others stands in the list of drafts."""
    return (
        DocumentDraft.objects.visible_to(user).to_confirm().select_related("started_by").prefetch_related("documents")
    )


def _firm_of(row: FollowUp, user: User) -> str:
    match = row.match
    match.follow_up = row  # so that the match does not query for it
    return name_for(match.demand.firm, user, match)


def _subject(row: Approach) -> str:
    return row.achievement.title if row.achievement else row.demand.public_text("title") if row.demand else ""


KINDS = (
    InboxKind(
        "enquiry", "企业询问", Approach, _approaches(Approach.Kind.ENQUIRY), "sent_at",
        ("my-approaches", "approach-news"),
        who=lambda row, user: name_for(row.firm, user, row),
        text=lambda row: row.text,
        title=_subject,
        url=_page("enquiry"),
        item="achievement",
        handed="approach",
        other=Q(status__in=[Approach.Status.ANSWERED, Approach.Status.TALK]),
        search=search_box,
    ),
    InboxKind(
        "answer", "我们的应答", Approach, _approaches(Approach.Kind.ANSWER), "sent_at", ("approach-news",),
        who=lambda row, user: name_for(row.firm, user, row),
        text=lambda row: row.text,
        title=lambda row: row.demand.public_text("title"),
        url=_page("answer"),
        item="achievement",
        handed="approach",
        other=Q(status__in=Approach.OPEN),
        search=search_box,
    ),
    InboxKind(
        "question", "审核提问", Question, _questions, "asked_at", ("my-questions",),
        who=lambda row, user: "区市县审核人员",
        text=lambda row: row.text,
        title=lambda row: row.match.achievement.title,
        url=_page("question"),
        searched=("text",),
        item="match__achievement",
        handed="question",
    ),
    InboxKind(
        "follow_up", "对接意愿和确认", FollowUp, _follow_ups, "opened_at", ("my-follow-ups",),
        who=_firm_of,
        text=lambda row: f"对方的需求：{row.match.demand.public_text('title')}",
        title=lambda row: row.match.achievement.title,
        url=_page("follow_up"),
        item="match__achievement",
        handed="follow_up",
        other=Q(status=FollowUp.Status.ASKING),
    ),
    InboxKind(
        "invitation", "活动邀请", Party, _invitations, "invited_at", ("my-invitations",),
        who=lambda row, user: "活动主办方",
        text=lambda row: "请答复是否参加。" if row.is_awaited else "",
        title=lambda row: row.docking_round.name,
        url=lambda row: reverse("my_invitations"),
        searched=("docking_round__name",),
    ),
    InboxKind(
        "request", "本单位提出的洽谈", MeetingRequest, _requests, "made_at", (),
        who=lambda row, user: row.party.docking_round.name,
        text=lambda row: f"未采纳：{row.refused_reason}" if row.refused_reason else "已向主办方提出，等排期。",
        title=lambda row: row.about,
        url=lambda row: reverse("my_plans"),
        item="achievement",
        other=Q(status=MeetingRequest.Status.REQUESTED),
    ),
    InboxKind(
        "record", "请确认的记录", Confirmation, _confirmations, "asked_at", ("my-confirmations",),
        who=lambda row, user: "记录写着本单位",
        text=lambda row: "请核对这份文件或记录，属实就确认，不属实写明异议。",
        title=lambda row: row.title,
        url=lambda row: reverse("confirmation", args=[row.public_id]),
    ),
    InboxKind(
        "explanation", "请说明的材料", Explanation, _explanations, "asked_at", ("explanations",),
        who=lambda row, user: "市科技局",
        text=lambda row: row.question,
        title=lambda row: row.question[:60],
        url=lambda row: reverse("integrity_explanation", args=[row.public_id]),
        searched=("question",),
    ),
    InboxKind(
        "price_objection", "价格公示异议", PriceObjection, _price_objections, "raised_on", ("own-price-objections",),
        who=lambda row, user: row.who,
        text=lambda row: row.text,
        title=lambda row: row.publicity.title or row.publicity.deal.name,
        url=lambda row: reverse("deal", args=[row.publicity.deal.public_id]),
        searched=("publicity__title", "publicity__deal__name", "text"),
    ),
    InboxKind(
        "share_objection", "收益份额异议", IncomeShare, _share_objections, "objected_at", ("income-objections",),
        who=lambda row, user: row.name,
        text=lambda row: row.objection,
        title=lambda row: row.case.title,
        url=lambda row: reverse("income_case", args=[row.case.public_id]),
        searched=("case__title", "name", "objection"),
    ),
    InboxKind(
        "proposal", "修改建议", ItemProposal, _proposals, "proposed_at", ("item-proposals",),
        who=lambda row, user: row.proposed_by.name,
        text=lambda row: row.note or "请逐栏核对后采纳。",
        title=lambda row: row.achievement.title,
        url=lambda row: f"{reverse('proposals')}#proposal-{row.public_id}",
        item="achievement",
        searched=("note", "proposed_by__name"),
    ),
    InboxKind(
        "renewal", "续期答复", RenewalAnswer, _renewals, "answered_at", ("renewal-answers",),
        who=lambda row, user: row.request.college or row.achievement.lead_person or "完成人",
        text=lambda row: row.note or row.get_status_display(),
        title=lambda row: row.achievement.title,
        url=lambda row: f"{reverse('renewal_answers')}#answer-{row.public_id}",
        item="achievement",
        searched=("note",),
    ),
    InboxKind(
        "draft", "从文件起草", DocumentDraft, _drafts, "started_at", ("document-drafts",),
        who=lambda row, user: row.started_by.name,
        text=lambda row: row.documents_text,
        title=lambda row: row.title,
        url=lambda row: reverse("document_draft", args=[row.public_id]),
        searched=("fields__title__text", "typed__title"),
    ),
)  # fmt: skip
BY_KEY = {kind.key: kind for kind in KINDS}
HANDED_KINDS = tuple(kind for kind in KINDS if kind.handed)
OWN_STATUS: dict[type, Callable[[Any], str]] = {
    Approach: lambda row: str(row.get_status_display()),
    Question: lambda row: str(row.get_status_display()),
    FollowUp: lambda row: str(row.get_status_display()),
    Party: lambda row: str(row.get_answer_display()),
    MeetingRequest: lambda row: str(row.get_status_display()),
    Confirmation: lambda row: "",
    Explanation: lambda row: "待说明" if row.is_pending else "已说明",
    PriceObjection: lambda row: "已处理" if row.settled_on else "待处理",
    IncomeShare: lambda row: row.state,
    ItemProposal: lambda row: str(row.get_status_display()),
    RenewalAnswer: lambda row: str(row.get_status_display()),
    DocumentDraft: lambda row: str(row.get_status_display()),
}
