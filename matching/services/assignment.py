"""Assignment of matches to review: to a colleague, or taken over from one."""

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from matching.models import Decision, Match
from matching.services.decisions import ReviewStep, decide, may_review
from matching.services.notifications import notify_assigned


def assign_match(match: Match, *, to: User, by: User, note: str = "", step: ReviewStep | None = None) -> Decision:
    """交给: only `to` reviews the match from now on, unless a colleague takes it over.

    Raises PermissionDenied outside the own district, ValidationError if `to` may not review the match.
    """
    if to.pk == by.pk:
        raise ValidationError("请选择另一位同事。")
    if not to.is_active or not may_review(match, to) or not to.has_perm("matching.review_match"):
        raise ValidationError("%(who)s不能审核这条匹配，请选择本区县的同事或市级专员。" % {"who": to})
    changes, extra = {"assigned_to_id": to.pk}, {"assigned_to": str(to)}
    with transaction.atomic():
        decision = decide(match, Decision.Kind.GIVE, changes, by=by, step=step, note=note, extra=extra)
        notify_assigned(match, to, by)
    return decision


def take_over_match(match: Match, *, by: User, step: ReviewStep | None = None) -> Decision:
    """接手: assign to oneself a match that waits for a colleague. Raises PermissionDenied outside the own district."""
    return decide(match, Decision.Kind.TAKE, {"assigned_to_id": by.pk}, by=by, step=step)
