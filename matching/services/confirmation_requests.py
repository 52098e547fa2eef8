"""Questions to a side whether a word about it is its own, and the links that open them without an account.

Where the platform can reach a side itself (a user of its own, or a mail address), the link goes only there. Staff get a
link to pass on only for a side that cannot be reached otherwise; the answer then names who passed it on.
"""

from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date

from accounts.models import User
from audit.services import record
from core.secret_links import digest_of, new_secret
from demands.masking import public_text
from matching.models import ConfirmationRequest, FollowUp, Question, SideResponse, SideStatement
from matching.services.follow_up_status import lock_follow_up, require_may_manage
from matching.services.notifications import ROLE_OF_SIDE, describe_pair
from notices.models import NoticeKind
from notices.recipients import addresses_of, officers_of
from notices.services import SingleMail, notify, send_single_mails, settle_notices
from notices.services.notifications import NoticeDraft
from notices.texts.writing import write_sentence, write_text

Side = Question.Side
Kind = ConfirmationRequest.Kind
Stance = SideStatement.Stance
RELATED = ("follow_up__owner", "follow_up__match__achievement__institution", "follow_up__match__demand__firm")


def ask_to_confirm(
    follow_up: FollowUp,
    side: str,
    *,
    kind: str,
    stance: str,
    by: User | None,
    meeting_key: str = "",
    met_on: date | None = None,
) -> ConfirmationRequest:
    """Ask one side of a locked follow-up. A question that is open ends: the new one takes its place."""
    now = timezone.now()
    follow_up.requests.open().filter(side=side).update(ended_at=now)
    token = new_secret()
    row = ConfirmationRequest.objects.create(
        follow_up=follow_up,
        side=side,
        kind=kind,
        stance=stance,
        meeting_key=meeting_key,
        met_on=met_on,
        token_digest=digest_of(token),
        asked_at=now,
        expires_at=now + timedelta(days=settings.ANSWER_DAYS),
    )
    follow_up.responses.filter(side=side, status__in=SideResponse.OPEN).update(
        due_on=timezone.localdate() + timedelta(days=settings.ANSWER_DAYS), reminded_at=None
    )
    record("请一方确认", follow_up, by=by, changes={"side": [None, side], "kind": [None, kind]})
    _send(row, token)
    return row


def end_request(follow_up: FollowUp, side: str, statement: SideStatement) -> None:
    """The side has spoken: its open question is answered and its link is void."""
    ended = follow_up.requests.open().filter(side=side).update(ended_at=timezone.now(), statement=statement)
    if ended:
        _settle_notices(follow_up, side)


def request_of_token(token: str) -> ConfirmationRequest | None:
    """The question behind a link; None for an unknown token."""
    rows = ConfirmationRequest.objects.select_related(*RELATED)
    return rows.filter(token_digest=digest_of(token)).first()


@transaction.atomic
def send_link_again(follow_up: FollowUp, side: str, *, by: User) -> str:
    """Make a new link for the open question of a side; the earlier link is void.

    It is mailed to the side. Returns the address of the page only if nobody there can be reached, for the officer to
    pass on; this is recorded. Raises PermissionDenied, ValidationError without an open question.
    """
    row = lock_follow_up(follow_up.pk)
    require_may_manage(row, by)
    request = row.requests.open().filter(side=side).select_related(*RELATED).first()
    if request is None:
        raise ValidationError("这一方现在没有需要确认的内容。")
    _require_not_represented(request, by)
    token = new_secret()
    reachable = is_reachable(request)
    ConfirmationRequest.objects.filter(pk=request.pk).update(
        token_digest=digest_of(token),
        expires_at=timezone.now() + timedelta(days=settings.ANSWER_DAYS),
        relayed_by=None if reachable else by,
    )
    request.refresh_from_db()
    action = "重新发送确认链接" if reachable else "取得确认链接转交"
    record(action, row, by=by, changes={"side": [None, side]})
    if reachable:
        _send(request, token)
        return ""
    return _url(token)


def is_reachable(request: ConfirmationRequest) -> bool:
    """Whether the side has a user or a mail address of its own."""
    return bool(_officers(request) or _addresses(request))


def masked_addresses(request: ConfirmationRequest) -> list[str]:
    """Where the link was mailed, for staff: the first letter and the host."""
    return [f"{name[:1]}***@{host}" for name, _at, host in (a.partition("@") for a in sorted(_addresses(request)))]


def _require_not_represented(request: ConfirmationRequest, by: User) -> None:
    if ConfirmationRequest.objects.represented_by(by).filter(pk=request.pk).exists():
        raise PermissionDenied("您是这一方的人员，请直接在这一页确认。")


def _send(request: ConfirmationRequest, token: str) -> None:
    """Notify the side's users and mail the link. The texts name the other side only as published."""
    follow_up, match = request.follow_up, request.follow_up.match
    written = write_text(
        "matching.confirmation",
        {
            "请求": question_sentence(request),
            "成果": match.achievement.title,
            "院校": match.achievement.institution.name,
            "需求": public_text(match.demand, "title"),
            "确认链接": _url(token),
            "有效期": format_date(timezone.localtime(request.expires_at), "Y年n月j日"),
        },
    )
    send_single_mails(SingleMail(address, written.subject, written.body) for address in sorted(_addresses(request)))
    path = reverse("follow_up", args=[follow_up.public_id])
    values = {"请求": question_sentence(request), "匹配": describe_pair(match)}
    text = write_sentence("matching.confirm", values)
    key = f"{follow_up.about} confirm {request.pk} {request.token_digest[:8]}"
    notify(NoticeDraft(person, NoticeKind.REMINDER, text, path, follow_up.about, key) for person in _officers(request))


def question_sentence(request: ConfirmationRequest) -> str:
    """One sentence for the side that is asked; it says no more about the other side than the kind of its word."""
    stance = str(SideStatement.Stance(request.stance).label)
    if request.kind == Kind.PHONE:
        return "工作人员记录了您单位的电话答复“愿意对接”，请您单位确认"
    if request.kind == Kind.HOST:
        return f"洽谈的现场记录是“{stance}”，请您单位确认"
    if request.kind == Kind.INTENT:
        return "跟进人记录双方已达成意向，请您单位确认"
    return f"对方表示“{stance}”，请您单位确认"


def _officers(request: ConfirmationRequest) -> list[int]:
    organisation = _organisation(request)
    return officers_of([organisation], ROLE_OF_SIDE[request.side])[organisation]


def _addresses(request: ConfirmationRequest) -> set[str]:
    """Addresses of the side's users, and of the contact it named for this follow-up itself."""
    organisation = _organisation(request)
    own = set(addresses_of([organisation], ROLE_OF_SIDE[request.side])[organisation])
    named = request.follow_up.responses.filter(side=request.side).exclude(contact=None).exclude(contact__email="")
    return own | set(named.values_list("contact__email", flat=True))


def _organisation(request: ConfirmationRequest) -> int:
    match = request.follow_up.match
    return match.demand.firm_id if request.side == Side.FIRM else match.achievement.institution_id


def _settle_notices(follow_up: FollowUp, side: str) -> None:
    match = follow_up.match
    organisation = match.demand.firm_id if side == Side.FIRM else match.achievement.institution_id
    people = officers_of([organisation], ROLE_OF_SIDE[side])[organisation]
    settle_notices(follow_up.about, [NoticeKind.REMINDER], people)


def _url(token: str) -> str:
    return f"{settings.SITE_ADDRESS}{reverse('side_confirmation', args=[token])}"
