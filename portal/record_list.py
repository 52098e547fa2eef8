"""Search and filters of an owner's list of records: words, industry, owner, status."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict

from accounts.models import Organisation, User
from portal.record_kinds import RecordKind, with_status
from taxonomy.models import Industry

WORDS = {
    "achievement": ("title", "registry_number", "lead_person", "summary", "completers__name"),
    "demand": ("title", "problem", "goal", "public_alias"),
}
"""The fields in which an owner finds its own records."""
MOST_CHARS = 100


@dataclass(frozen=True)
class RecordListFilter:
    """What the query string of the list asks for; values that are not offered are ignored."""

    kind: RecordKind
    q: str
    industry: str
    owner: str
    status: str

    @classmethod
    def of(cls, kind: RecordKind, data: QueryDict) -> "RecordListFilter":
        status = data.get("status", "")
        return cls(
            kind,
            data.get("q", "").replace("\0", "").strip()[:MOST_CHARS],
            data.get("industry", "")[:60],
            data.get("owner", "")[:10],
            status if status in kind.status_labels() else "",
        )

    @property
    def narrows(self) -> bool:
        """Whether it asks for more than a status."""
        return bool(self.q or self.industry or self.owner)

    @property
    def page_query(self) -> str:
        """The query string of the list without the page."""
        return "&".join(part for part in (f"status={self.status}", self.query) if part)

    @property
    def query(self) -> str:
        """The query string without status and page, for links of the list."""
        values = {"q": self.q, "industry": self.industry, "owner": self.owner}
        return urlencode({name: value for name, value in values.items() if value})

    def narrow(self, records: QuerySet) -> QuerySet:
        """The records with the words, the industry and the owner; of every status."""
        for word in self.q.split():
            match = Q()
            for field in WORDS[self.kind.name]:
                match |= Q(**{f"{field}__icontains": word})
            records = records.filter(pk__in=self.kind.model._default_manager.filter(match).values("pk"))
        if self.industry:
            records = records.filter(Q(industry__slug=self.industry) | Q(industry__parent__slug=self.industry))
        if self.owner:
            records = records.filter(**{f"{self.kind.owner_field}__public_id": self.owner})
        return records

    def apply(self, records: QuerySet) -> QuerySet:
        records = self.narrow(records)
        return with_status(records, self.status) if self.status else records


def filter_options(kind: RecordKind, user: User) -> dict[str, Any]:
    """Industries with records of the user, and the owners if there are several."""
    own = kind.owned_by(user).order_by()
    owners = Organisation.objects.filter(pk__in=kind.organisations_of(user))
    return {
        "industries": Industry.objects.filter(pk__in=own.values("industry")).order_by("order", "name"),
        "owners": list(owners) if len(owners) > 1 else [],
    }
