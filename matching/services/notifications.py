"""Notices about matches and follow-ups.

Texts name a demand and its firm as published, because lists, mails and gateways do not mask them per reader.
"""

from collections.abc import Collection, Iterable
from datetime import date

from django.urls import reverse

from accounts.models import Role, User
from core.due_days import month_and_day
from matching.models import (
    BrokerRequest,
    DemandReview,
    FollowUp,
    Inquiry,
    Match,
    Question,
    SideResponse,
    SideStatement,
)
from notices.models import NoticeKind
from notices.recipients import officers_of
from notices.services import notify, settle_notices, withdraw_notices
from notices.services.notifications import NoticeDraft
from notices.texts.writing import TextWriter, write_sentence

Side = Question.Side
ROLE_OF_SIDE: dict[str, Role] = {Side.FIRM: Role.FIRM, Side.INSTITUTION: Role.INSTITUTION}


def describe_pair(match: Match) -> str:
    """Both titles, that of the demand as published."""
    return f"“{match.achievement.title[:60]}”与需求“{match.demand.public_text('title')[:60]}”"


# --- Responses of the sides and the follow-up ------------------------------------------------------------------------
def notify_responses_requested(follow_ups: Collection[FollowUp]) -> None:
    """Ask both sides of many follow-ups; the number of queries does not depend on their number."""
    matches = [row.match for row in follow_ups]
    firms = officers_of({match.demand.firm_id for match in matches}, Role.FIRM)
    institutions = officers_of({match.achievement.institution_id for match in matches}, Role.INSTITUTION)
    people = {
        row: {*firms[row.match.demand.firm_id], *institutions[row.match.achievement.institution_id]}
        for row in follow_ups
    }
    if not any(people.values()):
        return
    due = dict(SideResponse.objects.filter(follow_up__in=follow_ups).values_list("follow_up_id", "due_on"))
    drafts, writer = [], TextWriter("matching.accepted")
    for row in follow_ups:
        text, event = _accepted_text(writer, row.match, due[row.pk]), f"asked {due[row.pk]}"
        drafts += [_follow_up_notice(row, person, NoticeKind.ACCEPTED, text, event) for person in people[row]]
    notify(drafts)


def withdraw_follow_up_notices(follow_up: FollowUp) -> None:
    withdraw_notices(follow_up.about)


def remind_of_response(response: SideResponse) -> None:
    """Remind the officers of a side that has not answered."""
    row = response.follow_up
    values = {"截止": month_and_day(response.due_on), "匹配": describe_pair(row.match)}
    text = write_sentence("matching.remind", values)
    event = f"remind {response.side} {response.due_on}"
    notify(
        _follow_up_notice(row, person, NoticeKind.REMINDER, text, event) for person in _officers_of_response(response)
    )


def settle_response_notices(response: SideResponse) -> None:
    """The side has answered: the notices that asked for the answer are done."""
    kinds = [NoticeKind.ACCEPTED, NoticeKind.REMINDER, NoticeKind.ANSWER]
    settle_notices(response.follow_up.about, kinds, _officers_of_response(response))


def notify_response(response: SideResponse) -> None:
    """Tell the owner the answer of a side. The other side is informed when the follow-up begins or is closed."""
    row = response.follow_up
    if row.owner_id == response.answered_by_id:
        return
    text = "%(side)s答复“%(answer)s”：%(pair)s。" % {
        "side": response.get_side_display(),
        "answer": response.get_status_display(),
        "pair": describe_pair(row.match),
    }
    notify([_follow_up_notice(row, row.owner_id, NoticeKind.SIDES, text, f"answer {response.side}")])


def notify_stance(follow_up: FollowUp, statement: SideStatement) -> None:
    """Tell the owner what a side alone said."""
    if follow_up.owner_id == statement.by_id:
        return
    is_closed = follow_up.status == FollowUp.Status.CLOSED
    next_step = "这项对接已结束，双方都表示后才继续" if is_closed else "等另一方确认"
    text = "%(side)s表示“%(stance)s”，%(next_step)s：%(pair)s。" % {
        "next_step": next_step,
        "side": statement.get_side_display(),
        "stance": statement.get_stance_display(),
        "pair": describe_pair(follow_up.match),
    }
    key = f"stance {statement.pk}"
    notify([_follow_up_notice(follow_up, follow_up.owner_id, NoticeKind.SIDES, text, key)])


def notify_achievement_stopped(follow_ups: Collection[FollowUp]) -> None:
    """Tell the firm and the owner of each that the institution has paused or withdrawn the achievement."""
    firms = officers_of({row.match.demand.firm_id for row in follow_ups}, Role.FIRM)
    drafts, writer = [], TextWriter("matching.achievement_stopped")
    for row in follow_ups:
        achievement = row.match.achievement
        text = writer.sentence({"状态": str(achievement.get_status_display()), "匹配": describe_pair(row.match)})
        event = f"stopped {achievement.status} {achievement.status_changed_at.isoformat()}"
        people = {*firms[row.match.demand.firm_id], row.owner_id}
        drafts += [_follow_up_notice(row, person, NoticeKind.SIDES, text, event) for person in people]
    notify(drafts)


def notify_said_without_account(statement: SideStatement) -> None:
    """Tell the users of a side that somebody has spoken for it with its code or link, so that they can take it back."""
    match = statement.match
    organisation = _organisation_of_side(match, statement.side)
    role = ROLE_OF_SIDE[statement.side]
    values = {
        "凭据": "邀请码" if statement.capacity == SideStatement.Capacity.CODE else "确认链接",
        "意见": str(statement.get_stance_display()),
        "匹配": describe_pair(match),
    }
    text = write_sentence("matching.said_without_account", values)
    about = f"statement {statement.pk}"
    notify(
        NoticeDraft(person, NoticeKind.SIDES, text, reverse("follow_ups"), about, f"{about} said")
        for person in officers_of({organisation}, role)[organisation]
    )


def notify_report_denied(follow_up: FollowUp, side: str, by: User | None) -> None:
    """Tell the owner that the side did not say what was recorded from a call."""
    text = "%(side)s说没有这样答复过电话，请再联系：%(pair)s。" % {
        "side": Side(side).label,
        "pair": describe_pair(follow_up.match),
    }
    key = f"denied {side} {follow_up.requests.count()}"
    notify([_follow_up_notice(follow_up, follow_up.owner_id, NoticeKind.SIDES, text, key)])


def notify_agreed(follow_up: FollowUp, by: User | None) -> None:
    text = write_sentence("matching.agreed", {"匹配": describe_pair(follow_up.match)})
    _notify_participants(follow_up, text, "agreed", by)


def notify_refusal_lifted(follow_up: FollowUp, by: User | None) -> None:
    """The sides are asked again, because the side that refused is willing now, or staff ask anew."""
    text = write_sentence("matching.asked_again", {"匹配": describe_pair(follow_up.match)})
    _notify_participants(follow_up, text, f"asked again {follow_up.steps.count()}", by)


def notify_closed(follow_up: FollowUp, by: User | None) -> None:
    """Say that the follow-up is closed; the reason is on its page for readers who may know it."""
    settle_notices(follow_up.about, [NoticeKind.ACCEPTED, NoticeKind.REMINDER, NoticeKind.QUESTION])
    is_refusal = follow_up.closed_reason == FollowUp.CloseReason.UNWILLING
    text = write_sentence("matching.closed", {"匹配": describe_pair(follow_up.match)})
    # The owner has received the notice of the refusal itself.
    _notify_participants(follow_up, text, "ended", by, exclude={follow_up.owner_id} if is_refusal else set())


def notify_inquiry(inquiry: Inquiry) -> None:
    response = inquiry.response
    row = response.follow_up
    text = "%(side)s想了解更多，请答复：%(pair)s。" % {
        "side": response.get_side_display(),
        "pair": describe_pair(row.match),
    }
    staff = {person for person in (row.owner_id, row.match.reviewed_by_id) if person is not None}
    notify(_follow_up_notice(row, person, NoticeKind.QUESTION, text, f"inquiry {inquiry.pk}") for person in staff)


def notify_inquiry_reply(inquiry: Inquiry) -> None:
    response = inquiry.response
    row = response.follow_up
    settle_notices(row.about, [NoticeKind.QUESTION])
    text = write_sentence("matching.inquiry_answered", {"匹配": describe_pair(row.match)})
    notify(
        _follow_up_notice(row, person, NoticeKind.ANSWER, text, f"reply {inquiry.pk}")
        for person in _officers_of_response(response)
    )


def notify_new_owner(follow_up: FollowUp, owner: User, by: User) -> None:
    if owner.pk == by.pk:
        return
    text = "%(who)s把一项对接交给您跟进：%(pair)s。" % {"who": by, "pair": describe_pair(follow_up.match)}
    event = f"handed {follow_up.steps.count()} {owner.pk}"
    notify([_follow_up_notice(follow_up, owner.pk, NoticeKind.HANDED, text, event)])


# --- Review of the match ---------------------------------------------------------------------------------------------
def notify_assigned(match: Match, to: User, by: User) -> None:
    """Tell a colleague that a match to review was assigned to them."""
    text = "%(who)s把一条待审匹配交给您：%(pair)s。" % {"who": by, "pair": describe_pair(match)}
    about = f"match {match.public_id}"
    key = f"{about} given {match.revision}"
    notify([NoticeDraft(to.pk, NoticeKind.HANDED, text, _review_page(match), about, key)])


def withdraw_assignment_notices(match: Match) -> None:
    withdraw_notices(f"match {match.public_id}")


def notify_question(question: Question) -> None:
    """Tell the officers of the asked side; the text names only their own demand or achievement."""
    match = question.match
    title = match.demand.public_text("title") if question.side == Side.FIRM else match.achievement.title
    text = write_sentence("matching.question", {"名称": title[:80]})
    organisation = _organisation_of_side(question.match, question.side)
    about = f"question {question.public_id}"
    notify(
        NoticeDraft(person, NoticeKind.QUESTION, text, reverse("workbench"), about, f"{about} asked")
        for person in officers_of([organisation], ROLE_OF_SIDE[question.side])[organisation]
    )


def notify_question_answered(question: Question) -> None:
    text = "%(side)s答复了您的提问：%(pair)s。" % {
        "side": question.get_side_display(),
        "pair": describe_pair(question.match),
    }
    about = f"question {question.public_id}"
    path = _review_page(question.match)
    settle_notices(about, [NoticeKind.QUESTION])
    notify([NoticeDraft(question.asked_by_id, NoticeKind.ANSWER, text, path, about, f"{about} answered")])


def withdraw_question_notices(question_id: str) -> None:
    withdraw_notices(f"question {question_id}")


def notify_broker_request(request: BrokerRequest) -> None:
    broker = request.broker.user_id
    if not broker:
        return
    text = write_sentence("matching.broker_request", {"匹配": describe_pair(request.match)})
    about = f"request {request.public_id}"
    notify([NoticeDraft(broker, NoticeKind.BROKER, text, reverse("workbench"), about, f"{about} asked")])


def notify_broker_answer(request: BrokerRequest) -> None:
    text = "技术经纪人%(who)s%(answer)s了委托：%(pair)s。" % {
        "who": request.broker.name,
        "answer": "接受" if request.status == BrokerRequest.Status.TAKEN else "谢绝",
        "pair": describe_pair(request.match),
    }
    about = f"request {request.public_id}"
    follow_up = FollowUp.objects.filter(match=request.match_id).first()
    path = reverse("follow_up", args=[follow_up.public_id]) if follow_up else _review_page(request.match)
    settle_notices(about, [NoticeKind.BROKER])
    notify([NoticeDraft(request.asked_by_id, NoticeKind.BROKER, text, path, about, f"{about} answered")])


def withdraw_broker_request_notices(request_id: str) -> None:
    withdraw_notices(f"request {request_id}")


def notify_broker_search(review: DemandReview) -> None:
    """Ask a broker to look for an achievement for a demand that has no fitting candidate."""
    broker = review.broker.user_id if review.broker else None
    if broker is None:
        return
    demand = review.demand
    text = write_sentence("matching.broker_search", {"需求": demand.public_text("title")[:80]})
    path = reverse("demand_detail", args=[demand.public_id])
    notify([NoticeDraft(broker, NoticeKind.BROKER, text, path, review.about, f"{review.about} search")])


def withdraw_broker_search_notices(review: DemandReview) -> None:
    withdraw_notices(review.about)


def _notify_participants(
    row: FollowUp, text: str, event: str, by: User | None, exclude: Collection[int] = frozenset()
) -> None:
    """Notify the owner and the officers of both sides, except `by` and the users in `exclude`."""
    people = {row.owner_id}
    for side in Side:
        organisation = _organisation_of_side(row.match, side)
        people |= set(officers_of([organisation], ROLE_OF_SIDE[side])[organisation])
    people -= {by.pk, *exclude} if by else set(exclude)
    notify(_follow_up_notice(row, person, NoticeKind.SIDES, text, event) for person in people)


def _officers_of_response(response: SideResponse) -> Iterable[int]:
    organisation = _organisation_of_side(response.follow_up.match, response.side)
    return officers_of([organisation], ROLE_OF_SIDE[response.side])[organisation]


def _organisation_of_side(match: Match, side: str) -> int:
    return match.demand.firm_id if side == Side.FIRM else match.achievement.institution_id


def _follow_up_notice(row: FollowUp, person: int, kind: NoticeKind, text: str, event: str) -> NoticeDraft:
    path = reverse("follow_up", args=[row.public_id])
    return NoticeDraft(person, kind, text, path, row.about, f"{row.about} {event}")


def _review_page(match: Match) -> str:
    return reverse("admin:matching_triage_triage") + f"?match={match.public_id}"


def _accepted_text(writer: TextWriter, match: Match, due: date) -> str:
    return writer.sentence({"匹配": describe_pair(match), "截止": month_and_day(due)})
