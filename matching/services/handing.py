"""Who is to decide: given to a colleague, taken over, or brought before the city."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from matching.models import Decision, Match
from matching.services import telling
from matching.services.decisions import Step, check_reviewer, decide, may_review
from matching.services.review import DECIDED, reopen_match


def give_match(match: Match, *, to, by, note: str = "", step: Step | None = None) -> Decision:
    """交给: `to` decides it. Raises PermissionDenied outside the own district, ValidationError for whom may not decide.

    What is given away, others may decide only after taking it over.
    """
    if to.pk == by.pk:
        raise ValidationError(_("请选择另一位同事。"))
    if not to.is_active or not may_review(match, to) or not to.has_perm("matching.review_match"):
        raise ValidationError(_("%(who)s不能审核这条匹配，请选择本区县的同事或市级专员。") % {"who": to})
    told = {"assigned_to": str(to)}
    with transaction.atomic():
        decision = decide(match, Decision.Kind.GIVE, {"assigned_to_id": to.pk}, by=by, step=step, note=note, told=told)
        telling.given(match, to, by)
    return decision


def take_match(match: Match, *, by, step: Step | None = None) -> Decision:
    """接手: what waits for a colleague who is away becomes one's own. Raises PermissionDenied outside the district."""
    return decide(match, Decision.Kind.TAKE, {"assigned_to_id": by.pk}, by=by, step=step)


def appeal_match(match: Match, *, by, reason: str, step: Step | None = None) -> Decision:
    """请市里复议 a verdict, with a reason. It stands until the city has answered. Raises ValidationError as it may."""
    reason = reason.strip()[:300]
    if not reason:
        raise ValidationError(_("请写明请市里复议的理由。"))
    if match.appeal:
        raise ValidationError(_("这条匹配已经在等市里复议。"))
    return decide(match, Decision.Kind.APPEAL, {"appeal": reason}, by=by, step=step, states=DECIDED, note=reason)


def settle_appeal(match: Match, *, uphold: bool, by, note: str, step: Step | None = None) -> Decision:
    """The city's answer: the verdict stands, or the match goes back to be decided anew. City staff only."""
    if not by.scope.is_city:
        raise PermissionDenied(_("只有市级专员可以答复复议。"))
    check_reviewer(match, by)
    if not match.appeal and step is None:
        raise ValidationError(_("这条匹配没有等待答复的复议。"))
    if not note.strip():
        raise ValidationError(_("请写明答复的理由。"))
    if uphold:
        return decide(match, Decision.Kind.UPHOLD, {"appeal": ""}, by=by, step=step, states=DECIDED, note=note)
    return reopen_match(match, by=by, reason=note, step=step)
