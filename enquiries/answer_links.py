"""What the page of a demand offers its reader about answers: to answer, or to read those received."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from core.scope import scope_of
from demands.models import Demand
from enquiries.models import Approach
from enquiries.services.answers import refusal_of


@dataclass(frozen=True)
class AnswerLinks:
    """`may_answer`: the reader acts for an institution; `refusal`: why the demand takes no answer of this reader.

    `own_count`: answers of the reader's own institutions; `received_count`: answers that the reader may compare.
    """

    may_answer: bool
    refusal: str
    own_count: int = 0
    received_count: int = 0


def answer_links(demand: Demand, user: User | AnonymousUser) -> AnswerLinks:
    """At most three queries."""
    scope = scope_of(user)
    refusal = refusal_of(demand, by_firms=scope.firm_ids)
    answers = Approach.objects.answers().filter(demand=demand)
    own = answers.sent_by(user).count() if scope.institution_ids else 0
    manages = scope.sees_all or demand.firm_id in scope.firm_ids or demand.firm.stat_region_id in scope.region_ids
    return AnswerLinks(bool(scope.institution_ids), refusal, own, answers.count() if manages else 0)
