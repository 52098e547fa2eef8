"""Steps of the by-need view, as a script (JSON) or a form without JavaScript sends them."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import BadRequest, ValidationError
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from brokers.models import Broker
from core.json_body import JsonBody
from demands.models import Demand
from matching.models import DemandReview, Match
from matching.services.demand_review import (
    DemandResolution,
    DemandStep,
    choose_candidates,
    choose_none,
    hold_candidates,
)
from matching.views.staff.review.json_responses import parse_uuid

Outcome, Destination = DemandReview.Outcome, DemandReview.Destination
MAX_DAYS = 365


@dataclass(frozen=True, slots=True)
class PostedStep:
    """What was decided about a demand. `outcome`: a value of `DemandReview.Outcome`, or anything else that was sent."""

    step: DemandStep
    outcome: str
    chosen: list[str]
    reason: str = ""
    destination: str = ""
    broker: int | None = None
    until: date | None = None

    @classmethod
    def from_json(cls, body: JsonBody) -> "PostedStep":
        return cls(
            step=DemandStep(
                shown=body.number_by_text("shown"),
                batch=parse_uuid(body.text("key")),
                open_ms=body.number("open_ms"),
            ),
            outcome=body.text("outcome"),
            chosen=body.text_list("ids"),
            reason=body.text("reason"),
            destination=body.text("destination"),
            broker=body.number("broker"),
            until=_day_after(body.number("days")),
        )

    @classmethod
    def from_form(cls, posted: QueryDict) -> "PostedStep":
        shown = dict(pair.partition(":")[::2] for pair in posted.getlist("shown"))
        if not all(revision.isdecimal() and len(revision) < 9 for revision in shown.values()):
            raise BadRequest
        days = posted.get("days", "")
        return cls(
            step=DemandStep(
                shown={public_id: int(revision) for public_id, revision in shown.items()},
                batch=parse_uuid(posted.get("key", "")),
            ),
            outcome=Outcome.HELD if days else posted.get("outcome", ""),
            chosen=posted.getlist("ids"),
            reason=posted.get("reason", ""),
            destination=posted.get("destination", ""),
            until=_day_after(int(days)) if days.isdecimal() and len(days) < 9 else None,
        )

    def apply(self, demand: Demand, by: User) -> DemandResolution:
        """Call the service. Raises as it does, and ValidationError for a step that is not complete."""
        if self.outcome == Outcome.CHOSEN:
            return choose_candidates(demand, self.chosen, step=self.step, by=by)
        if self.outcome == Outcome.NONE:
            broker = None
            if self.destination == Destination.BROKER and self.broker:
                broker = Broker.objects.filter(pk=self.broker).first()
            return choose_none(
                demand, step=self.step, by=by, reason=self.reason, destination=self.destination, broker=broker
            )
        if self.outcome == Outcome.HELD:
            if self.until is None:
                raise ValidationError("请选择暂缓到哪一天。")
            return hold_candidates(demand, until=self.until, step=self.step, by=by)
        raise ValidationError("没有这样的操作，请刷新页面。")


def describe(resolution: DemandResolution) -> str:
    """What was done, for the officer: 已采纳 2 条，其余 3 条记为未选."""
    review = resolution.review
    if review.outcome == Outcome.HELD:
        return "已暂缓 %(number)s 条" % {"number": len(resolution.decided)}
    passed = resolution.number(Match.Status.PASSED)
    rest = "，其余 %(number)s 条记为未选" % {"number": passed} if passed else ""
    if review.outcome == Outcome.CHOSEN:
        return "已采纳 %(number)s 条%(rest)s" % {"number": resolution.number(Match.Status.ACCEPTED), "rest": rest}
    reason = review.get_reason_display()
    what = "退回（%(reason)s）" % {"reason": reason} if reason else "记为未选"
    where = "" if review.destination == Destination.STAY else "；" + review.get_destination_display()
    return "都不合适：%(number)s 条%(what)s%(where)s" % {
        "number": len(resolution.decided), "what": what, "where": where,
    }  # fmt: skip


def _day_after(days: int | None) -> date | None:
    return timezone.localdate() + timedelta(days=days) if days is not None and 0 < days <= MAX_DAYS else None
