"""What pages show of approaches: the inbox with its tabs and counts, the thread, and the state of an own enquiry."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from accounts.names import name_for
from achievements.models import Achievement
from enquiries.models import Approach, ApproachBlock, ApproachFile, ApproachMessage, ApproachQuerySet, TalkTime
from enquiries.models.approach import Side, is_received_by, is_sent_by
from enquiries.services.sending import BEGUN
from enquiries.services.talks import clashing_talks
from mandates.models import MandatedAct, Right, clients_of

BOXES = {"received": "收到的", "sent": "发出的", "mandated": "受托的", "managed": "本辖区的"}
TABS = {
    "": "全部",
    "waiting": "待答复",
    "late": "已逾期",
    "open": "进行中",
    "docking": "已转对接",
    "ended": "已结束",
}


def boxes_of(user: User) -> list[str]:
    """The boxes that this user has: an organisation's officer the first two, an agent the third, staff the last."""
    scope = user.scope
    own = ["received", "sent"] if scope.firm_ids | scope.institution_ids else []
    own += ["mandated"] if clients_of(user, Right.ANSWER, Right.ATTEND).exists() else []
    return own + (["managed"] if scope.sees_all or scope.is_district else [])


def in_box(user: User, box: str) -> ApproachQuerySet:
    rows = Approach.objects.visible_to(user)
    if box == "mandated":
        return rows.mandated_to(user)
    if box == "managed":
        return rows.managed_by(user)
    return rows.received_by(user) if box == "received" else rows.sent_by(user)


def in_tab(rows: ApproachQuerySet, tab: str) -> ApproachQuerySet:
    """An unknown tab is 全部."""
    if tab in ("waiting", "late"):
        return rows.late() if tab == "late" else rows.awaiting_answer()
    if tab == "open":
        return rows.filter(status__in=[Approach.Status.ANSWERED, Approach.Status.TALK])
    return rows.filter(status=tab) if tab in (Approach.Status.DOCKING, Approach.Status.ENDED) else rows


def tab_counts(rows: ApproachQuerySet) -> dict[str, int]:
    """{tab: number of approaches}. One query."""
    waiting = Q(status__in=Approach.UNANSWERED)
    counts = rows.order_by().aggregate(
        all=Count("pk"),
        waiting=Count("pk", filter=waiting),
        late=Count("pk", filter=waiting & Q(answer_due_on__lt=timezone.localdate())),
        open=Count("pk", filter=Q(status__in=[Approach.Status.ANSWERED, Approach.Status.TALK])),
        docking=Count("pk", filter=Q(status=Approach.Status.DOCKING)),
        ended=Count("pk", filter=Q(status=Approach.Status.ENDED)),
    )
    return {"": counts.pop("all"), **counts}


def has_unread(user: User) -> Exists:
    """Condition on an `Approach`: a message of the other side that nobody of the user's side has read."""
    scope = user.scope
    unread = ApproachMessage.objects.filter(approach=OuterRef("pk"), read_at=None, is_event=False)
    return Exists(
        unread.filter(
            Q(side=Side.FIRM, approach__institution__in=scope.institution_ids)
            | Q(side=Side.INSTITUTION, approach__firm__in=scope.firm_ids)
        )
    )


def has_news(user: User) -> Q:
    """Condition on an `Approach` that has not ended and needs no first answer of the user's side: the other side has
    written something that nobody has read, or proposes times that are still ahead."""
    scope = user.scope
    times = TalkTime.objects.proposed().filter(approach=OuterRef("pk"), starts_at__gt=timezone.now())
    proposed = times.filter(
        Q(side=Side.FIRM, approach__institution__in=scope.institution_ids)
        | Q(side=Side.INSTITUTION, approach__firm__in=scope.firm_ids)
    )
    waits = is_received_by(scope) & Q(status__in=Approach.UNANSWERED)
    return (Q(has_unread(user)) | Q(Exists(proposed))) & ~Q(status=Approach.Status.ENDED) & ~waits


def search_box(rows: ApproachQuerySet, user: User, q: str) -> ApproachQuerySet:
    """Rows with `q` in what the user reads of them: title, text, institution, and a firm that is not anonymous here."""
    named = Q(firm__name__icontains=q) & (Q(is_anonymous=False) | Q(named_at__isnull=False))
    if user.scope.sees_all or user.scope.is_district or user.scope.firm_ids:
        own = Q(firm__in=user.scope.firm_ids) | Q(firm__stat_region__in=user.scope.region_ids)
        named |= Q(firm__name__icontains=q) & (Q() if user.scope.sees_all else own)
    alias = Q(public_alias__icontains=q)
    return rows.filter(
        Q(achievement__title__icontains=q) | Q(text__icontains=q) | Q(institution__name__icontains=q) | named | alias
    )


def open_enquiry_of(user: User, achievement: Achievement) -> Approach | None:
    """An open enquiry of one of the user's firms about the achievement."""
    own = Approach.objects.enquiries().open().filter(achievement=achievement, firm__in=user.scope.firm_ids)
    return own.order_by("-sent_at").first()


@dataclass(frozen=True)
class Step:
    """A station of an approach as both sides see it. `state`: done, now or ahead."""

    label: str
    moment: object
    state: str


def stations(approach: Approach) -> list[Step]:
    """已送达 → 已读 → 已答复 → 约谈 → 已转对接, with the moments that are known."""
    talk = max(
        (row.starts_at for row in approach.talk_times.all() if row.status == TalkTime.Status.CHOSEN), default=None
    )
    docked_at = max(filter(None, (approach.firm_agreed_at, approach.institution_agreed_at)), default=None)
    is_docked = approach.status == Approach.Status.DOCKING
    known = [
        ("已送达", approach.sent_at),
        ("已读", approach.read_at),
        ("已答复", approach.first_answered_at),
        ("约谈", talk),
        ("转对接", docked_at if is_docked else None),
    ]
    if approach.status == Approach.Status.ENDED:
        known = [(label, moment) for label, moment in known if moment] + [("已结束", approach.ended_at)]
    last = max(index for index, (_label, moment) in enumerate(known) if moment)
    return [
        Step(label, moment, "now" if index == last else "done" if moment else "ahead")
        for index, (label, moment) in enumerate(known)
    ]


@dataclass(frozen=True)
class ThreadEntry:
    message: ApproachMessage
    author: str
    is_own: bool
    files: list[ApproachFile]


def thread_of(approach: Approach, user: User, side: str) -> list[ThreadEntry]:
    """The messages in their order. `side`: for which the user writes, empty for staff.

    Authors of the other side are named by their organisation only.
    """
    sees_people = user.scope.sees_all or user.scope.is_district
    entries = []
    for message in approach.messages.select_related("author").prefetch_related("files"):
        if message.side:
            organisation = approach.organisation_of(message.side)
            author = name_for(organisation, user, approach, short=True)
            if message.author and (message.side == side or sees_people):
                author = f"{author} {message.author}"
        else:
            author = "平台"
        entries.append(ThreadEntry(message, author, message.side == side, list(message.files.all())))
    return entries


def is_begun_by_agent(approach: Approach) -> bool:
    """Whether an agent sent it; both sides read that, and only its own side by whom."""
    acts = MandatedAct.objects.filter(subject_type="enquiries.approach", subject_id=approach.pk)
    return acts.filter(action=BEGUN).exists()


@dataclass(frozen=True)
class TalkRow:
    talk: TalkTime
    is_own: bool
    is_past: bool
    clashes: list[TalkTime]


def talks_of(approach: Approach, side: str) -> list[TalkRow]:
    """Proposed and chosen times, with the other talks of this side's organisation that overlap with each."""
    now = timezone.now()
    shown = [TalkTime.Status.PROPOSED, TalkTime.Status.CHOSEN]
    return [
        TalkRow(
            talk,
            talk.side == side,
            talk.starts_at <= now,
            clashing_talks(approach.organisation_of(side), talk) if side and talk.starts_at > now else [],
        )
        for talk in approach.talk_times.filter(status__in=shown)
    ]


def block_of(approach: Approach) -> ApproachBlock | None:
    """The block in force between the recipient and the sender of the approach."""
    return ApproachBlock.objects.in_force().filter(approach=approach).first()


def card_counts(user: User) -> dict[str, int]:
    """For the workbench, in one query: `waiting` and `late` of the inbox, `news` with unread messages, open `sent`."""
    scope = user.scope
    received, sent = is_received_by(scope), is_sent_by(scope)
    waiting = received & Q(status__in=Approach.UNANSWERED)
    counts = Approach.objects.filter(received | sent).aggregate(
        received=Count("pk", filter=received),
        waiting=Count("pk", filter=waiting),
        late=Count("pk", filter=waiting & Q(answer_due_on__lt=timezone.localdate())),
        news=Count("pk", filter=has_news(user)),
        sent=Count("pk", filter=sent & Q(status__in=Approach.OPEN)),
    )
    return {
        **counts,
        "days": settings.APPROACH_ANSWER_WORKDAYS,
    }
