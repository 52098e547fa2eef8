"""Appeals of a district to the city against a reviewed match, and the answers of the city."""

from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import User
from matching.models import Decision, Match
from matching.services.decisions import ReviewStep, decide, require_reviewer
from matching.services.review import DECIDED, reopen_match


def appeal_match(match: Match, *, by: User, reason: str, step: ReviewStep | None = None) -> Decision:
    """请市里复议: the decision stays in force until the city answers.

    Raises PermissionDenied outside the own district, ValidationError without a reason or while an appeal is open.
    """
    reason = reason.strip()[:300]
    if not reason:
        raise ValidationError("请写明请市里复议的理由。")
    if match.appeal:
        raise ValidationError("这条匹配已经在等市里复议。")
    return decide(match, Decision.Kind.APPEAL, {"appeal": reason}, by=by, step=step, states=DECIDED, note=reason)


def answer_appeal(match: Match, *, uphold: bool, by: User, note: str, step: ReviewStep | None = None) -> Decision:
    """City staff uphold the decision or reopen the match. Raises PermissionDenied, ValidationError without a note."""
    if not by.scope.is_city:
        raise PermissionDenied("只有市级专员可以答复复议。")
    require_reviewer(match, by)
    if not match.appeal and step is None:
        raise ValidationError("这条匹配没有等待答复的复议。")
    if not note.strip():
        raise ValidationError("请写明答复的理由。")
    if uphold:
        return decide(match, Decision.Kind.UPHOLD, {"appeal": ""}, by=by, step=step, states=DECIDED, note=note)
    return reopen_match(match, by=by, reason=note, step=step)
