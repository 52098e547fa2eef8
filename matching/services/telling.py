"""What people are told about their matches. Each text names a need and its firm as everybody may read them: it goes
into lists, mails and gateways, where nobody masks any more."""

from collections import Counter
from collections.abc import Collection, Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Role
from matching.models import BrokerRequest, FollowUp, Inquiry, Match, MatchRun, Question, Willingness
from notices.models import NoticeKind
from notices.recipients import district_officers, officers_of
from notices.services import notify, settle_notices, withdraw_notices
from notices.services.notifications import NoticeDraft

Side = Question.Side
SPEAKER = {Side.FIRM: Role.FIRM, Side.OFFICE: Role.INSTITUTION}


def pair_of(match: Match) -> str:
    """Both titles, the need's as published."""
    return f"“{match.achievement.title[:60]}”与需求“{match.demand.public_text('title')[:60]}”"


def accepted(follow_ups: Collection[FollowUp]) -> None:
    """Both sides learn that they are asked; few queries for many."""
    matches = [row.match for row in follow_ups]
    firms = officers_of({match.demand.firm_id for match in matches}, Role.FIRM)
    offices = officers_of({match.achievement.institution_id for match in matches}, Role.INSTITUTION)
    due = dict(Willingness.objects.filter(follow_up__in=follow_ups).values_list("follow_up_id", "due_on"))
    notify(
        _line(row, person, NoticeKind.ACCEPTED, _asked(row.match, due[row.pk]), f"asked {due[row.pk]}")
        for row in follow_ups
        for person in {*firms[row.match.demand.firm_id], *offices[row.match.achievement.institution_id]}
    )


def taken_back(follow_up: FollowUp) -> None:
    withdraw_notices(follow_up.about)


def reminded(side: Willingness) -> None:
    """The side that has not answered, near its limit."""
    row = side.follow_up
    text = _("请在 %(day)s前答复是否愿意对接：%(pair)s。") % {"day": _day(side.due_on), "pair": pair_of(row.match)}
    notify(
        _line(row, person, NoticeKind.REMINDER, text, f"remind {side.side} {side.due_on}") for person in _people(side)
    )


def settled(side: Willingness) -> None:
    """A side has answered: what asked it to waits for nobody any more."""
    settle_notices(side.follow_up.about, [NoticeKind.ACCEPTED, NoticeKind.REMINDER, NoticeKind.ANSWER], _people(side))


def answered(side: Willingness) -> None:
    """Whoever follows it learns what a side said; what the other side may know comes with the end or the beginning."""
    row = side.follow_up
    if row.owner_id == side.answered_by_id:
        return
    text = _("%(side)s答复“%(answer)s”：%(pair)s。") % {
        "side": side.get_side_display(),
        "answer": side.get_status_display(),
        "pair": pair_of(row.match),
    }
    notify([_line(row, row.owner_id, NoticeKind.SIDES, text, f"answer {side.side}")])


def agreed(follow_up: FollowUp, by) -> None:
    text = _("双方都愿意对接，现在可以查看对方的联系方式：%(pair)s。") % {"pair": pair_of(follow_up.match)}
    _both_sides(follow_up, text, "agreed", by)


def ended(follow_up: FollowUp, by) -> None:
    """That it is over; why, the page says to those who may know."""
    settle_notices(follow_up.about, [NoticeKind.ACCEPTED, NoticeKind.REMINDER, NoticeKind.QUESTION])
    told = {follow_up.owner_id} if follow_up.closed_reason == FollowUp.CloseReason.UNWILLING else set()
    text = _("对接已结束：%(pair)s。") % {"pair": pair_of(follow_up.match)}
    _both_sides(follow_up, text, "ended", by, told)


def inquired(inquiry: Inquiry) -> None:
    side = inquiry.willingness
    row = side.follow_up
    text = _("%(side)s想了解更多，请答复：%(pair)s。") % {"side": side.get_side_display(), "pair": pair_of(row.match)}
    staff = {row.owner_id, row.match.reviewed_by_id} - {None}
    notify(_line(row, person, NoticeKind.QUESTION, text, f"inquiry {inquiry.pk}") for person in staff)


def replied(inquiry: Inquiry) -> None:
    side = inquiry.willingness
    settle_notices(side.follow_up.about, [NoticeKind.QUESTION])
    text = _("您想了解的内容有了答复：%(pair)s。") % {"pair": pair_of(side.follow_up.match)}
    notify(_line(side.follow_up, person, NoticeKind.ANSWER, text, f"reply {inquiry.pk}") for person in _people(side))


def handed(follow_up: FollowUp, owner, by) -> None:
    if owner.pk == by.pk:
        return
    text = _("%(who)s把一项对接交给您跟进：%(pair)s。") % {"who": by, "pair": pair_of(follow_up.match)}
    notify([_line(follow_up, owner.pk, NoticeKind.HANDED, text, f"handed {follow_up.steps.count()} {owner.pk}")])


# --- Before the nod --------------------------------------------------------------------------------------------------
def given(match: Match, to, by) -> None:
    """A match to decide was given to a colleague."""
    text = _("%(who)s把一条待审匹配交给您：%(pair)s。") % {"who": by, "pair": pair_of(match)}
    notify([_about_match(match, to.pk, NoticeKind.HANDED, text, f"given {match.revision}", _desk(match))])


def giving_undone(match: Match) -> None:
    withdraw_notices(f"match {match.public_id}")


def asked(question: Question) -> None:
    """The asked side learns that somebody asks about its own item, and nothing of the other side."""
    title = question.item.public_text("title") if question.side == Side.FIRM else question.item.title
    text = _("区县专员有一个关于“%(title)s”的问题，请到工作台答复。") % {"title": title[:80]}
    organisation = _organisation(question.match, question.side)
    notify(
        NoticeDraft(
            person, NoticeKind.QUESTION, text, reverse("workbench"), _about(question), f"{_about(question)} asked"
        )
        for person in officers_of([organisation], SPEAKER[question.side])[organisation]
    )


def question_answered(question: Question) -> None:
    text = _("%(side)s答复了您的提问：%(pair)s。") % {
        "side": question.get_side_display(),
        "pair": pair_of(question.match),
    }
    about = _about(question)
    settle_notices(about, [NoticeKind.QUESTION])
    notify(
        [NoticeDraft(question.asked_by_id, NoticeKind.ANSWER, text, _desk(question.match), about, f"{about} answered")]
    )


def question_withdrawn(question_id: str) -> None:
    withdraw_notices(f"question {question_id}")


def broker_asked(request: BrokerRequest) -> None:
    if request.broker.user_id:
        text = _("请您跟进一项对接并答复是否接受：%(pair)s。") % {"pair": pair_of(request.match)}
        about = f"request {request.public_id}"
        notify(
            [
                NoticeDraft(
                    request.broker.user_id, NoticeKind.BROKER, text, reverse("workbench"), about, f"{about} asked"
                )
            ]
        )


def broker_answered(request: BrokerRequest) -> None:
    text = _("技术经纪人%(who)s%(answer)s了委托：%(pair)s。") % {
        "who": request.broker.name,
        "answer": _("接受") if request.status == BrokerRequest.Status.TAKEN else _("谢绝"),
        "pair": pair_of(request.match),
    }
    about = f"request {request.public_id}"
    follow_up = FollowUp.objects.filter(match=request.match_id).first()
    path = reverse("follow_up", args=[follow_up.public_id]) if follow_up else _desk(request.match)
    settle_notices(about, [NoticeKind.BROKER])
    notify([NoticeDraft(request.asked_by_id, NoticeKind.BROKER, text, path, about, f"{about} answered")])


def request_withdrawn(request_id: str) -> None:
    withdraw_notices(f"request {request_id}")


def proposed(run: MatchRun) -> None:
    """Each district learns how many new proposals a round has brought it."""
    new = Match.objects.filter(first_run=run).awaiting_review()
    numbers = Counter(new.order_by().values_list("demand__firm__stat_region_id", flat=True))
    officers = district_officers([region for region in numbers if region])
    path = reverse("admin:matching_triage_triage")
    about = run_about(run.pk)
    notify(
        NoticeDraft(
            person,
            NoticeKind.PROPOSALS,
            _("“%(run)s”有 %(count)s 条新推荐等您审核。") % {"run": run.title, "count": numbers[region]},
            path,
            about,
            f"{about} {region}",
        )
        for region, people in officers.items()
        for person in people
    )


def run_about(run_id: int) -> str:
    return f"run {run_id}"


def _both_sides(row: FollowUp, text: str, what: str, by, told: Collection[int] = ()) -> None:
    """Everybody who has to do with it, but for who did it and who is `told` already."""
    people = {row.owner_id}
    for side in Side:
        organisation = _organisation(row.match, side)
        people |= set(officers_of([organisation], SPEAKER[side])[organisation])
    notify(_line(row, person, NoticeKind.SIDES, text, what) for person in people - {by.pk, *told})


def _people(side: Willingness) -> Iterable[int]:
    organisation = _organisation(side.follow_up.match, side.side)
    return officers_of([organisation], SPEAKER[side.side])[organisation]


def _organisation(match: Match, side: str) -> int:
    return match.demand.firm_id if side == Side.FIRM else match.achievement.institution_id


def _line(row: FollowUp, person: int, kind: NoticeKind, text: str, what: str) -> NoticeDraft:
    path = reverse("follow_up", args=[row.public_id])
    return NoticeDraft(person, kind, text, path, row.about, f"{row.about} {what}")


def _about_match(match: Match, person: int, kind: NoticeKind, text: str, what: str, path: str) -> NoticeDraft:
    about = f"match {match.public_id}"
    return NoticeDraft(person, kind, text, path, about, f"{about} {what}")


def _about(question: Question) -> str:
    return f"question {question.public_id}"


def _desk(match: Match) -> str:
    return reverse("admin:matching_triage_triage") + f"?match={match.public_id}"


def _asked(match: Match, due) -> str:
    return _("%(pair)s已采纳，请在 %(day)s前答复是否愿意对接。") % {"pair": pair_of(match), "day": _day(due)}


def _day(day) -> str:
    return _("%(month)s 月 %(day)s 日") % {"month": day.month, "day": day.day}
