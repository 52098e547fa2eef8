"""Notices about measures, about requests to pilot bases and results of trials."""

from collections.abc import Collection
from datetime import date

from django.urls import reverse, reverse_lazy

from accounts.models import Membership, Organisation, Role, User
from mechanism.models import Base, BaseRequest, Measure, Remark, TrialResult
from notices.models import NoticeKind
from notices.recipients import district_officers, officers_of
from notices.services import notify, settle_notices, withdraw_notices
from notices.services.notifications import NoticeDraft
from notices.texts.writing import write_sentence

BASE_REQUESTS = reverse_lazy("base_requests")


def _measure_subject(measure: Measure) -> str:
    return f"measure {measure.public_id}"


def measure_recipients(measures: Collection[Measure]) -> dict[int, set[int]]:
    """{measure pk: user pks}: its owner, otherwise all officers of the district or bureau to which it is assigned."""
    without_owner = {
        measure.pk: (measure.organisation, measure.organisation.stat_region_id)
        for measure in measures
        if measure.owner_id is None and measure.organisation and measure.organisation.stat_region_id
    }
    regions = {region for _organisation, region in without_owner.values()}
    officers = district_officers(regions) if regions else {}
    recipients = {measure.pk: {measure.owner_id} for measure in measures if measure.owner_id}
    bureaus = {
        measure.pk: measure.organisation.pk
        for measure in measures
        if measure.owner_id is None and measure.organisation and measure.organisation.kind == Organisation.Kind.BUREAU
    }
    people = officers_of(set(bureaus.values()), Role.BUREAU) if bureaus else {}
    recipients |= {measure: set(people.get(bureau, ())) for measure, bureau in bureaus.items()}
    for measure, (organisation, region) in without_owner.items():
        if organisation.kind == Organisation.Kind.DISTRICT:
            recipients[measure] = set(officers.get(region, ()))
    return recipients


def outside_admin(users: Collection[int]) -> set[int]:
    """Those who open a measure in the workbench: the people of bureaus."""
    return set(User.objects.filter(pk__in=users, is_staff=False).values_list("pk", flat=True))


def measure_notice(
    measure: Measure, recipient: int, text: str, event: str, *, outside: Collection[int] = ()
) -> NoticeDraft:
    """`event` makes the notice unique: the same event is announced once. outside: recipients without admin access."""
    name = "bureau_measure" if recipient in outside else "admin:mechanism_measure_page"
    path = reverse(name, args=[measure.public_id])
    subject = _measure_subject(measure)
    return NoticeDraft(recipient, NoticeKind.WORK, text, path, subject, f"{subject} {event}")


def notify_assigned(measures: Collection[Measure], by: User) -> None:
    recipients = measure_recipients(measures)
    outside = outside_admin(set().union(*recipients.values()))
    notify(
        measure_notice(measure, recipient, _assigned_text(measure), f"given {recipient}", outside=outside)
        for measure in measures
        for recipient in recipients.get(measure.pk, set()) - {by.pk}
    )


def notify_joint(measure: Measure, by: User) -> None:
    """Tell the people of the offices that join a measure; whom it names again is told once."""
    joint = Membership.objects.active().filter(organisation__joint_measures=measure)
    people = set(joint.filter(role__in=[Role.BUREAU, Role.DISTRICT]).values_list("user", flat=True)) - {by.pk}
    outside = outside_admin(people)
    text = f"请配合一项举措：“{measure.title[:100]}”。"
    notify(measure_notice(measure, person, text, f"joint {person}", outside=outside) for person in people)


def notify_comment(remark: Remark) -> None:
    measure = remark.measure
    text = "%(who)s对举措“%(title)s”提出意见：%(text)s" % {
        "who": remark.by,
        "title": measure.title[:60],
        "text": remark.text[:200],
    }
    recipients = measure_recipients([measure]).get(measure.pk, set()) - {remark.by_id}
    outside = outside_admin(recipients)
    notify(
        measure_notice(measure, recipient, text, f"comment {remark.pk}", outside=outside) for recipient in recipients
    )


def notify_report_submitted(remark: Remark) -> None:
    """Tell the city that a report of a bureau waits for its review."""
    city = set(Membership.objects.active().filter(role=Role.CITY).values_list("user", flat=True))
    text = f"{remark.organisation}报告了“{remark.measure.title[:60]}”的进展，请审核：{remark.text[:120]}"
    notify(measure_notice(remark.measure, person, text, f"report {remark.pk}") for person in city)


def notify_report_reviewed(remark: Remark) -> None:
    """Tell who reported what the city says."""
    verdict = "已采纳" if remark.review == Remark.Review.ACCEPTED else "退回"
    note = f"：{remark.review_note}" if remark.review_note else "。"
    text = f"市里{verdict}您报告的进展（“{remark.measure.title[:60]}”）{note}"
    outside = outside_admin([remark.by_id])
    notify([measure_notice(remark.measure, remark.by_id, text, f"reviewed {remark.pk}", outside=outside)])


def settle_measure_notices(measure: Measure) -> None:
    """Mark the notices of a closed measure as settled."""
    settle_notices(_measure_subject(measure), [NoticeKind.WORK])


def _assigned_text(measure: Measure) -> str:
    title = measure.title[:100]
    if measure.due_on is None:
        return "交给您一项举措：“%(title)s”。" % {"title": title}
    return "交给您一项举措，请在 %(day)s前完成：“%(title)s”。" % {"title": title, "day": format_day(measure.due_on)}


def format_day(day: date) -> str:
    return "%(month)s 月 %(day)s 日" % {"month": day.month, "day": day.day}


# --- Requests to a base ----------------------------------------------------------------------------------------------
def notify_base_request(request: BaseRequest) -> None:
    """Notify the operators of the base, or city staff if the operator has no active user."""
    values = {"单位": str(request.organisation), "基地": str(request.base), "内容": request.what[:120]}
    text = write_sentence("mechanism.base_asked", values)
    _notify_about_request(request, _operators(request.base), text, "asked")


def notify_base_answer(request: BaseRequest) -> None:
    settle_notices(_request_subject(request), [NoticeKind.BASE])
    values = {
        "基地": str(request.base),
        "结果": str(request.get_status_display()),
        "答复": request.answer or "请与基地联系安排。",
    }
    text = write_sentence("mechanism.base_answered", values)
    _notify_about_request(request, {request.asked_by_id} - {request.answered_by_id}, text, "answered")


def withdraw_base_notices(request: BaseRequest) -> None:
    withdraw_notices(_request_subject(request))


def _operators(base: Base) -> set[int]:
    memberships = Membership.objects.filter(user__is_active=True)
    operators = set(memberships.filter(organisation=base.organisation_id).values_list("user", flat=True))
    return operators or set(memberships.filter(role=Role.CITY).values_list("user", flat=True))


def _request_subject(request: BaseRequest) -> str:
    return f"base request {request.public_id}"


def _notify_about_request(request: BaseRequest, recipients: set[int], text: str, event: str) -> None:
    subject = _request_subject(request)
    notify(
        NoticeDraft(recipient, NoticeKind.BASE, text, str(BASE_REQUESTS), subject, f"{subject} {event}")
        for recipient in recipients
    )


# --- Results of trials ----------------------------------------------------------------------------------------------
def notify_trial(result: TrialResult, text: str, side: str, by: User) -> None:
    """Tell one side of a trial ("base" or "user") what the other did."""
    request = result.request
    if side == "user":  # the applicant
        members = Membership.objects.active().filter(organisation=request.organisation_id)
        people = set(members.filter(role__in=[Role.INSTITUTION, Role.FIRM]).values_list("user", flat=True))
    elif request.base.organisation_id == request.organisation_id:
        people = set(Membership.objects.active().filter(role=Role.CITY).values_list("user", flat=True))
    else:
        people = _operators(request.base)
    subject = f"trial {result.public_id}"
    settle_notices(subject, [NoticeKind.BASE])
    event = f"{subject} {result.status} {result.version} {side}"
    path = reverse("trial_result", args=[request.public_id])
    notify(NoticeDraft(person, NoticeKind.BASE, text, path, subject, event) for person in people - {by.pk})
