"""What can be handed over, and what a completer reads of it: the question and the item, never who an anonymous firm is.

A named firm is named as in public; an anonymous one by the alias of this matter alone.
"""

from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import User
from accounts.names import PUBLIC, name_for
from achievements.models import Achievement
from correspondence.models import Handover
from enquiries.models import Approach
from enquiries.models.approach import Side
from matching.models import FollowUp, Question, SideResponse

type Target = Approach | Question | FollowUp

FIELDS: dict[type, str] = {Approach: "approach", Question: "question", FollowUp: "follow_up"}


@dataclass(frozen=True)
class AskedText:
    """asks: who asks, as a completer may read it. text: what is asked. may_propose: whether times for a talk help."""

    asks: str
    text: str
    may_propose: bool = False


def targets_of(user: User, model: type) -> QuerySet:
    """The rows of the user's institutions that may be handed over, by model."""
    own = user.scope.institution_ids
    if model is Approach:
        return Approach.objects.visible_to(user).filter(institution__in=own).with_pair()
    if model is Question:
        questions = Question.objects.addressed_to(user).filter(side=Side.INSTITUTION)
        of_own = questions.filter(match__achievement__institution__in=own)
        return of_own.select_related("match__achievement__institution")
    rows = FollowUp.objects.visible_to(user).filter(match__achievement__institution__in=own)
    return rows.select_related("match__achievement__institution", "match__demand__firm")


def achievement_of(target: Target) -> Achievement | None:
    return target.achievement if isinstance(target, Approach) else target.match.achievement


def is_waiting(target: Target) -> bool:
    """Whether the institution can still answer."""
    if isinstance(target, Approach):
        return target.is_open
    if isinstance(target, Question):
        return target.status == Question.Status.ASKED
    return own_response(target) is not None


def own_response(follow_up: FollowUp) -> SideResponse | None:
    """The institution's open answer whether it is willing to meet."""
    if follow_up.status != FollowUp.Status.ASKING:
        return None
    return follow_up.responses.filter(side=Side.INSTITUTION, status__in=SideResponse.OPEN).first()


def asked_text(handover: Handover) -> AskedText:
    """What the page of the link shows."""
    target = handover.target
    if isinstance(target, Approach):
        message = target.messages.filter(is_event=False, side=Side.FIRM).order_by("-sent_at", "-pk").first()
        text = message.text if message else target.text if target.is_enquiry else ""
        return AskedText(name_for(target.firm, PUBLIC, target), text, may_propose=True)
    if isinstance(target, Question):
        return AskedText("区市县审核人员", target.text)
    title = target.match.demand.public_text("title")
    return AskedText("区市县审核人员", f"有一家企业的需求“{title}”与这项成果匹配。您愿意与对方对接吗？")
