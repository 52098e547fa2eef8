"""Where a demand goes for which no candidate fits, and how that is undone."""

from django.core.exceptions import ValidationError

from accounts.models import User
from brokers.models import Broker
from demands.models import Demand
from demands.services.lifecycle import convert_to_challenge, restore_status, return_to_diagnosis, track_demand
from matching.models import DemandReview
from matching.services.notifications import notify_broker_search, withdraw_broker_search_notices
from matching.suggestions import suggest_brokers

Destination = DemandReview.Destination
TARGETS = {
    Destination.TRACK: Demand.Status.TRACKING,
    Destination.BROKER: Demand.Status.TRACKING,
    Destination.DIAGNOSIS: Demand.Status.DIAGNOSIS,
    Destination.CHALLENGE: Demand.Status.CHALLENGE,
}
"""Status of the demand at each destination; 照旧 leaves it."""


def default_destination(demand: Demand, *, accepted: bool) -> DemandReview.Destination:
    """长期跟踪 for a published demand, which stays public and in matching; 照旧 if it is in talks or tracked already.

    `accepted`: whether the demand has an accepted match.
    """
    return Destination.STAY if accepted or demand.status != Demand.Status.PUBLISHED else Destination.TRACK


def destination_problem(demand: Demand, destination: str) -> str:
    """Why the demand cannot go there now, for the page; empty if it can."""
    if destination == Destination.CHALLENGE and not demand.wants_challenge:
        return "企业没有表示愿意"
    if destination == Destination.DIAGNOSIS and demand.status == Demand.Status.DOCKING:
        return "正在对接"
    return ""


def send_demand(review: DemandReview, *, by: User) -> None:
    """Change the demand's status as the destination says, and ask the broker. Runs in the caller's transaction.

    A broker who is not named is the first that `suggest_brokers` finds. Raises ValidationError if the demand cannot go
    there, or without a certified broker.
    """
    demand, destination = review.demand, review.destination
    before = demand.status
    if destination == Destination.BROKER:
        review.broker = _broker(review, by)
    if destination in (Destination.TRACK, Destination.BROKER):
        if demand.status == Demand.Status.PUBLISHED:
            track_demand(demand, by=by)
    elif destination == Destination.DIAGNOSIS:
        return_to_diagnosis(demand, by=by)
    elif destination == Destination.CHALLENGE:
        convert_to_challenge(demand, by=by)
    review.status_before = before if demand.status != before else ""
    review.save(update_fields=["broker", "status_before"])
    if review.broker:
        notify_broker_search(review)


def recall_demand(review: DemandReview, *, by: User) -> None:
    """Undo `send_demand`. Raises ValidationError if the demand's status has changed since."""
    if review.broker:
        withdraw_broker_search_notices(review)
    if review.status_before:
        before = Demand.Status(review.status_before)
        restore_status(review.demand, changed_to=TARGETS[Destination(review.destination)], before=before, by=by)


def _broker(review: DemandReview, by: User) -> Broker:
    if review.broker:
        if Broker.objects.certified().filter(pk=review.broker.pk).exists():
            return review.broker
        raise ValidationError("“%(who)s”的证书已过期或已停止执业，请选择其他技术经纪人。" % {"who": review.broker})
    suggested = suggest_brokers(review.demand, user=by, limit=1)
    if not suggested or not isinstance(suggested[0].who, Broker):
        raise ValidationError("没有熟悉这个产业或服务这个区域的技术经纪人，请选择其他去向。")
    return suggested[0].who
