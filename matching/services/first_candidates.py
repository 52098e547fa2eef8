"""Tell a firm, once for each demand, that the district looks at candidates for it."""

from datetime import timedelta

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from demands.models import Demand
from matching.models import Match
from notices.models import NoticeKind
from notices.recipients import officers_of
from notices.services import notify
from notices.services.notifications import NoticeDraft
from notices.texts.writing import TextWriter

RECENT = timedelta(days=3)
"""Candidates that were made longer ago are not told any more, as after an outage."""


def tell_of_first_candidates() -> int:
    """Returns how many notices were new. Running again tells nobody twice: the key of the notice is the demand's."""
    waiting = Match.objects.awaiting_review().filter(created_at__gte=timezone.now() - RECENT)
    counts = dict(waiting.order_by().values_list("demand").annotate(Count("pk")))
    demands = list(Demand.objects.filter(pk__in=counts).select_related("firm"))
    users = officers_of({demand.firm_id for demand in demands}, Role.FIRM)
    writer = TextWriter("matching.first_candidates")
    return notify(
        _draft(writer, demand, counts[demand.pk], user) for demand in demands for user in users[demand.firm_id]
    )


def _draft(writer: TextWriter, demand: Demand, number: int, user: int) -> NoticeDraft:
    about = f"demand {demand.public_id}"
    text = writer.sentence({"需求": demand.public_text("title")[:60], "条数": str(number)})
    path = reverse("demand_edit", args=[demand.public_id])
    return NoticeDraft(user, NoticeKind.PROGRESS, text, path, about, f"{about} candidates")
