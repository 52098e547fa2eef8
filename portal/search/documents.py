"""What is searched: the public texts of each kind of record, as plain documents. Two to four queries a kind."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from accounts.models import Organisation
from achievements.models import Achievement, Completer, IntellectualProperty
from core.personal_data import find_personal_data, replace_finds
from demands.masking import public_text
from demands.models import Demand
from matching.items import ACHIEVEMENT_TEXTS, DEMAND_TEXTS
from mechanism.models import Base, Policy
from portal.search.bilingual import institution_short_names
from portal.search.folding import squeezed_number

REMOVED_NAME = "已删除"
"""Stands for a person whose data were deleted on request."""
_HAS_NUMBER = re.compile(r"\d(?:\D{0,2}\d){9}")


@dataclass(frozen=True, slots=True)
class Document:
    """A record as the search knows it. `numbers`: squeezed number → its name; `people`: name → role.

    `owner`: primary key of the institution. `public_id` orders what answers equally well: keys would tell what was
    entered together.
    """

    pk: int
    title: str
    keywords: tuple[str, ...] = ()
    text: str = ""
    numbers: tuple[tuple[str, str], ...] = ()
    people: tuple[tuple[str, str], ...] = ()
    owner: int | None = None
    is_available: bool = True
    public_id: str = ""


def achievement_documents() -> Iterator[Document]:
    """The published achievements, with registry and patent numbers, leads and completers."""
    published = Achievement.objects.published()
    numbers: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    people: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for pk, number in IntellectualProperty.objects.filter(achievement__in=published).values_list(
        "achievement_id", "number"
    ):
        numbers[pk] += [(number_form, "专利或著作权编号") for number_form in patent_number_forms(number)]
    for pk, name in Completer.objects.filter(achievement__in=published).values_list("achievement_id", "name"):
        people[pk].append((name, "主要完成人"))
    fields = ("pk", "public_id", "institution_id", "status", "lead_person", "registry_number", "national_number")
    for pk, public_id, owner, status, lead, registry, national, title, *texts, keywords in published.values_list(
        *fields, *ACHIEVEMENT_TEXTS
    ):
        own_numbers = [
            (squeezed_number(registry or ""), "入库编号"),
            (squeezed_number(national), "成果登记号"),
            *numbers[pk],
        ]
        named = [(name, role) for name, role in [(lead, "负责人"), *people[pk]] if name and name != REMOVED_NAME]
        yield Document(
            pk,
            title,
            tuple(keywords),
            _searchable(texts),
            tuple((number, name) for number, name in own_numbers if number),
            tuple(named),
            owner,
            status in Achievement.OFFERED,
            public_id,
        )


def demand_documents() -> Iterator[Document]:
    """The published demands in the words that everybody may read: masked, and only the teaser where that is public."""
    for demand in Demand.objects.published().select_related("firm"):
        title, problem, goal, keywords = (public_text(demand, field) for field in DEMAND_TEXTS)
        texts = (problem, goal, public_text(demand, "conditions"), public_text(demand, "applied_industry"))
        yield Document(
            demand.pk,
            title,
            tuple(keywords.split("、")) if keywords else (),
            _searchable(texts),
            is_available=demand.status in Demand.OPEN,
            public_id=demand.public_id,
        )


def _searchable(texts: Iterable[str]) -> str:
    """The texts in lines, with personal numbers of older texts masked: nobody is found by a part of his number."""
    text = "\n".join(filter(None, texts))
    return replace_finds(text, find_personal_data(text)) if _HAS_NUMBER.search(text) else text


def institution_documents() -> Iterator[Document]:
    """Institutions with a published achievement; keywords are their short names."""
    with_achievements = Achievement.objects.published().values("institution")
    for institution in Organisation.objects.institutions().filter(pk__in=with_achievements):
        yield Document(institution.pk, institution.name, short_names(institution), institution.profile)


def base_documents() -> Iterator[Document]:
    """The listed bases. The name of an operator on the platform is left out: pages show it only once confirmed."""
    for base in Base.objects.visible_to(AnonymousUser()).listed():
        operator = "" if base.organisation_id else base.operator
        yield Document(base.pk, base.name, (), "\n".join(filter(None, (operator, base.description, base.capacity))))


def policy_documents() -> Iterator[Document]:
    for policy in Policy.objects.visible_to(AnonymousUser()):
        numbers = ((squeezed_number(policy.number), "文号"),) if squeezed_number(policy.number) else ()
        texts = (policy.number, policy.issuer, policy.summary, policy.who)
        yield Document(policy.pk, policy.title, (), "\n".join(filter(None, texts)), numbers)


def people_of(documents: list[Document]) -> list[tuple[str, int]]:
    """(name, number of achievements) of all leads and completers, the busiest first."""
    counts = Counter(name for document in documents for name in {name for name, _role in document.people})
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def short_names(institution: Organisation) -> tuple[str, ...]:
    """The short names of an institution: its own, former ones, and those of the list."""
    listed = [name for part, names in institution_short_names().items() if part in institution.name for name in names]
    return tuple(dict.fromkeys(filter(None, [institution.short_name, *institution.former_names, *listed])))


def patent_number_forms(number: str) -> list[str]:
    """A patent number as people type it: with and without its letters and the check digit after the dot."""
    whole = squeezed_number(number)
    bare = whole.removeprefix("zl").removeprefix("cn")
    without_check = squeezed_number(number.rpartition(".")[0]).removeprefix("zl") if "." in number else ""
    return [form for form in dict.fromkeys((whole, bare, without_check)) if len(form) >= 8]
