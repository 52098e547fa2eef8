"""Load what happens between rounds: needs matched when they are published, and sides that say what is unfit."""

from django.db.models import Exists, OuterRef

from accounts.models import Membership, Role
from matching.models import Match, MatchRun, SideFeedback
from matching.services.immediate_runs import start_run_for
from matching.services.runs import execute_chunk
from matching.services.side_feedback import say_unfit
from matching.unmatched_items import DEMANDS

MATCHED_AT_ONCE = 3
"""The worker of the demo matches the others, and the achievements, in its first minute."""


def load_immediate_run() -> None:
    """Match some needs that the last round has not seen, first of firms with a login, which see where they stand.

    Does nothing the second time.
    """
    batch = MatchRun.objects.batches().order_by("-queued_at").first()
    if batch is None or MatchRun.objects.immediate().exists():
        return
    has_login = Exists(Membership.objects.filter(organisation=OuterRef("firm"), role=Role.FIRM))
    new = DEMANDS.unseen().exclude(pk__in=batch.demand_ids)
    chosen = list(new.order_by(has_login.desc(), "-published_at", "-pk").values_list("pk", flat=True)[:MATCHED_AT_ONCE])
    run = start_run_for([], list(DEMANDS.states(DEMANDS.unseen().filter(pk__in=chosen))), batch)
    for chunk in run.chunks.all():
        execute_chunk(chunk.pk)  # synchronously: no worker runs yet
    _load_feedback()


def _load_feedback() -> None:
    """A firm and an institution say why a pair that their district accepted does not fit."""
    if SideFeedback.objects.exists():
        return
    accepted = Match.objects.accepted().filter(follow_up__status="asking", demand__in=DEMANDS.participating())
    rows = accepted.select_related("achievement", "demand__firm").order_by("-score", "pk")
    for role, owner, reason in (
        (Role.FIRM, "demand__firm", Match.RejectReason.INDICATOR),
        (Role.INSTITUTION, "achievement__institution", Match.RejectReason.TOO_EARLY),
    ):
        officers = Membership.objects.filter(role=role, user__is_active=True)
        match = rows.filter(**{f"{owner}__in": officers.values("organisation")}, demand__side_feedback=None).first()
        if match:
            organisation = match.demand.firm_id if role == Role.FIRM else match.achievement.institution_id
            by = officers.filter(organisation=organisation).select_related("user").order_by("pk")[0].user
            say_unfit(match.achievement, match.demand, reason=reason, by=by)
