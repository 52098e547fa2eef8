"""What the parties of the demo city have confirmed: nearly everything, by their own officers; some still wait.

Rows are written directly, with the dates of the past that services do not accept. The objections are made by services.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db.models import Model
from django.utils import timezone

from accounts.models import Membership, User
from deals.confirmation_subjects import ConfirmableSubject, NamedParty, subject_of
from deals.models import Confirmation
from deals.services.confirmations import object_to

ANSWERING_ROLES = ("institution_officer", "firm_officer", "broker")
CONTACT = "示例联系人"


def officers_by_organisation() -> dict[int, list[User]]:
    """{organisation id: users who can answer for it}."""
    users: dict[int, list[User]] = defaultdict(list)
    for row in Membership.objects.filter(role__in=ANSWERING_ROLES).select_related("user").order_by("pk"):
        users[row.organisation_id].append(row.user)
    return users


def answer_for_parties(
    rows: Iterable[Model],
    *,
    asked_by: User | None,
    at: Callable[[Model], datetime],
    waits: Callable[[Model, str], bool] = lambda row, role: False,
) -> list[Confirmation]:
    """Store what each named party of the rows (of one model) has answered; `waits`: who has not, by row and role."""
    rows = list(rows)
    if not rows:
        return []
    subject, officers = subject_of(rows[0]), officers_by_organisation()
    confirmations = []
    for row in subject.rows().filter(pk__in=[row.pk for row in rows]).order_by("pk"):
        used: set[int] = set()
        for party in subject.parties(row) if subject.matter(row) else ():
            confirmation = _asked(subject, row, party, asked_by, at(row))
            if not waits(row, party.role):
                _confirm(confirmation, party, officers, used)
            confirmations.append(confirmation)
    return Confirmation.objects.bulk_create(confirmations, batch_size=500)


def _asked(subject: ConfirmableSubject, row, party: NamedParty, asked_by: User | None, at: datetime) -> Confirmation:
    return Confirmation(
        subject=subject.label,
        subject_id=row.pk,
        matter=subject.matter(row),
        role=party.role,
        organisation=party.organisation,
        broker=party.broker,
        named_as=party.name,
        title=subject.title(row)[:200],
        facts=subject.facts(row, party.role),
        facts_hash=row.facts_hash,
        asked_by=asked_by,
        asked_at=min(at, timezone.now()),
    )


def _confirm(confirmation: Confirmation, party: NamedParty, officers: dict[int, list[User]], used: set[int]) -> None:
    """By an officer who has not answered for another party of the row; by the recorded contact if there is none."""
    if party.broker:
        people = [party.broker.user] if party.broker.user else []
    else:
        people = officers.get(party.organisation.pk, []) if party.organisation else []
    person = next((user for user in people if user.pk not in used), None)
    confirmation.status, confirmation.confirmed_at = Confirmation.Status.CONFIRMED, confirmation.asked_at
    confirmation.confirms_broker = party.role in ("seller", "buyer")
    if person is None:
        confirmation.capacity, confirmation.person = Confirmation.Capacity.LINK, CONTACT
        return
    used.add(person.pk)
    capacity = Confirmation.Capacity.PERSON if party.broker else Confirmation.Capacity.OFFICER
    confirmation.capacity, confirmation.answered_by, confirmation.person = capacity, person, person.name[:30]


def dispute_one(confirmations: Iterable[Confirmation]) -> Confirmation | None:
    """The officer of a buyer objects to the first record that waits for it."""
    officers = officers_by_organisation()
    for confirmation in confirmations:
        people = officers.get(confirmation.organisation_id or 0)
        if confirmation.is_pending and confirmation.role == "buyer" and people:
            object_to(confirmation, reason="amount", text="合同写的金额没有这么多，请核对后更正。", by=people[0])
            return confirmation
    return None
