"""Notices about obstacles, to those who may read the obstacle: the city, the office that solves it, who raised it."""

from collections.abc import Iterable
from datetime import date

from django.urls import reverse

from accounts.models import Membership, Role
from mechanism.models import Obstacle
from mechanism.services.notifications import format_day
from notices.models import NoticeKind
from notices.services import notify, settle_notices, withdraw_notices
from notices.services.notifications import NoticeDraft
from notices.texts.writing import write_sentence


def notify_raised(obstacle: Obstacle) -> None:
    """Tell the city; and for whom an office has written it down."""
    text = f"收到一条堵点（{obstacle.kind}），请交办：{obstacle}"
    _notify(obstacle, _members(Role.CITY) - {obstacle.raised_by_id}, text, "raised")
    if obstacle.recording_office:
        values = {"部门": str(obstacle.recording_office), "反映人": obstacle.told_by, "堵点": str(obstacle)}
        text = write_sentence("mechanism.obstacle_recorded", values)
        _notify(obstacle, raisers_of(obstacle) - {obstacle.raised_by_id}, text, "told")


def notify_assigned(obstacle: Obstacle) -> None:
    """Tell the person, or everybody of the office; who was asked before is told nothing more."""
    settle_notices(_subject(obstacle), [NoticeKind.OBSTACLE])
    if obstacle.due_on is None or obstacle.assigned_at is None:
        return
    text = f"交给贵单位一条堵点（{obstacle.kind}），请在 {format_day(obstacle.due_on)}前答复：{obstacle}"
    _notify(obstacle, solvers_of(obstacle), text, f"assigned {obstacle.assigned_at.isoformat()}")


def notify_answered(obstacle: Obstacle) -> None:
    """Tell who raised it."""
    settle_notices(_subject(obstacle), [NoticeKind.OBSTACLE])
    text = write_sentence("mechanism.obstacle_answered", {"堵点": str(obstacle)})
    _notify(obstacle, raisers_of(obstacle), text, f"answered {obstacle.answered_at}")


def notify_judged(obstacle: Obstacle) -> None:
    """Tell the city and who answered."""
    settle_notices(_subject(obstacle), [NoticeKind.OBSTACLE])
    recipients = {obstacle.answered_by_id} if obstacle.answered_by_id else set()
    if obstacle.status == Obstacle.Status.UNSOLVED:
        recipients |= _members(Role.CITY)
        text = f"提出单位说还没有解决，请重新交办：{obstacle}"
    else:
        text = f"提出单位确认已经解决：{obstacle}"
    _notify(obstacle, recipients - {obstacle.judged_by_id}, text, f"judged {obstacle.judged_at}")


def notify_due(obstacle: Obstacle, today: date, event: str) -> int:
    """Remind the office. Returns how many were told."""
    if obstacle.due_on is None:
        return 0
    late = (today - obstacle.due_on).days
    when = f"已逾期 {late} 天，请尽快" if late > 0 else f"请在 {format_day(obstacle.due_on)}前"
    return _notify(obstacle, solvers_of(obstacle), f"交给贵单位的堵点{when}答复：{obstacle}", event)


def withdraw_obstacle_notices(obstacle: Obstacle) -> None:
    withdraw_notices(_subject(obstacle))


def raisers_of(obstacle: Obstacle) -> set[int]:
    """Who raised it, and if an office wrote it down, those who act for the organisation that told it."""
    if not obstacle.recording_office_id:
        return {obstacle.raised_by_id}
    members = Membership.objects.active().filter(
        organisation=obstacle.organisation_id, role__in=[Role.FIRM, Role.INSTITUTION, Role.BROKER]
    )
    return {obstacle.raised_by_id, *members.values_list("user", flat=True)}


def solvers_of(obstacle: Obstacle) -> set[int]:
    if obstacle.handler_id:
        return {obstacle.handler_id}
    members = Membership.objects.active().filter(
        organisation=obstacle.solver, role__in=[Role.BUREAU, Role.DISTRICT, Role.CITY]
    )
    return set(members.values_list("user", flat=True))


def _members(role: Role) -> set[int]:
    return set(Membership.objects.active().filter(role=role).values_list("user", flat=True))


def _subject(obstacle: Obstacle) -> str:
    return f"obstacle {obstacle.public_id}"


def _notify(obstacle: Obstacle, recipients: Iterable[int | None], text: str, event: str) -> int:
    subject = _subject(obstacle)
    path = reverse("obstacle", args=[obstacle.public_id])
    return notify(
        NoticeDraft(recipient, NoticeKind.OBSTACLE, text, path, subject, f"{subject} {event}")
        for recipient in recipients
        if recipient
    )
