"""Demands that are never published: what a firm asked for in an enquiry about one achievement."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Contact, Organisation, User
from audit.services import record
from demands.models import Demand
from demands.permissions import owns
from taxonomy.models import Industry


@dataclass(frozen=True)
class PrivateDemand:
    """`alias`: the name under which the firm asked; empty if it asked under its own name."""

    firm: Organisation
    title: str
    problem: str
    industry: Industry | None
    contact: Contact | None = None
    alias: str = ""


def create_private_demand(values: PrivateDemand, *, by: User) -> Demand:
    """Store a demand of kind 成果引进 in 对接中. Only the firm and its staff see it; a match needs it.

    A private demand of the firm with this title that is still open is used again; another one of the title gets a
    number behind it. Runs in the caller's transaction. Raises PermissionDenied unless `by` is of the firm.
    """
    if not owns(by, values.firm):
        raise PermissionDenied("只有企业自己可以由询问写成需求。")
    Organisation.objects.select_for_update(no_key=True).get(pk=values.firm.pk)
    known = values.firm.demands.filter(title__startswith=values.title).exclude(status=Demand.Status.CLOSED)
    titles = {demand.title: demand for demand in known}
    same = titles.get(values.title)
    if same is not None and same.is_private and same.status in Demand.OPEN:
        return same
    demand = Demand.objects.create(
        firm=values.firm,
        title=_free_title(values.title, set(titles)),
        kind=Demand.Kind.ADOPTION,
        industry=values.industry,
        problem=values.problem,
        contact=values.contact,
        is_private=True,
        is_anonymous=bool(values.alias),
        public_alias=values.alias,
        status=Demand.Status.DOCKING,
        status_changed_at=timezone.now(),
        created_by=by,
    )
    record("由询问写成需求（不公开）", demand, by=by, changes={"title": [None, demand.title]})
    return demand


def _free_title(title: str, taken: set[str]) -> str:
    number = 2
    free = title
    while free in taken:
        free = f"{title}（{number}）"
        number += 1
    return free
