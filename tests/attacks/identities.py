"""Identities of anonymous firms that can be recognised in any text, and who may read each."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Contact, ContactShare, Membership, Organisation, User
from core.public_id import new_public_id
from core.scope import scope_of
from deals.models import Contract, Deal
from demands.models import Demand
from matching.models import BrokerRequest, FollowUp
from rounds.models import Meeting, Party

STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
TOKEN = re.compile(
    rf"匿([{STEMS}][{BRANCHES}])|秘([{STEMS}][{BRANCHES}])|91210299HID(\d\d)|1990000(\d\d)|hid(\d\d)@|hid(\d\d)\.example"
)
"""One scan of a text finds every identity of every firm."""


@dataclass(frozen=True)
class Identity:
    """The firm of one anonymous demand. Its tokens occur nowhere else."""

    number: int
    demand: Demand
    firm: Organisation

    @property
    def words(self) -> tuple[str, ...]:
        """What somebody who guesses would search for."""
        return (self.firm.name, self.firm.short_name, self.firm.credit_code, f"1990000{self.number:02d}11")


def name_of(number: int) -> str:
    return STEMS[number % 10] + BRANCHES[number % 12]


NUMBERS = {name_of(number): number for number in range(60)}


def give_identities() -> list[Identity]:
    """Give each anonymous demand a firm of its own, with all that belongs to the demand, under recognisable names.

    A firm may be named for one demand and anonymous for another: only apart can a text show which of the two it means.
    """
    demands = Demand.objects.filter(is_anonymous=True).select_related("firm").order_by("pk")
    return [_give(number, demand) for number, demand in enumerate(demands)]


def _give(number: int, demand: Demand) -> Identity:
    token, old = name_of(number), demand.firm
    firm = Organisation.objects.create(
        name=f"大连匿{token}轴承有限公司",
        short_name=f"匿{token}",
        credit_code=f"91210299HID{number:02d}00000"[:18],
        website=f"https://hid{number:02d}.example/",
        profile=f"匿{token}是一家企业。",
        **{field: getattr(old, field) for field in ("kind", "firm_type", "is_local", "reg_region", "stat_region")},
    )
    contact = Contact.objects.create(
        organisation=firm,
        name=f"秘{token}",
        phone=f"1990000{number:02d}11",
        email=f"hid{number:02d}@firm.example",
        consented_at=demand.contact.consented_at if demand.contact else None,
    )
    user = User.objects.create(
        username=f"hid{number:02d}@login", name=f"秘{token}", phone=contact.phone, email=contact.email
    )
    Membership.objects.create(user=user, organisation=firm, role="firm_officer")
    _move(demand, firm, contact)
    return Identity(number, Demand.objects.get(pk=demand.pk), firm)


def _move(demand: Demand, firm: Organisation, contact: Contact) -> None:
    """All rows that stand for the firm because of this demand."""
    Demand.objects.filter(pk=demand.pk).update(
        firm=firm,
        contact=contact if demand.contact_id else None,
        title=f"{firm.short_name}{demand.title}"[:200],  # as after a change of name: the text is public already
        problem=f"{firm.name}：{demand.problem}"[:5000],
    )
    shares = ContactShare.objects.filter(contact__organisation=demand.firm)
    for follow_up in FollowUp.objects.filter(match__demand=demand):
        shares.filter(about=follow_up.about).update(contact=contact)
        follow_up.responses.filter(side="firm", contact__isnull=False).update(contact=contact)
    Deal.objects.filter(follow_up__match__demand=demand).update(buyer=firm)
    Contract.objects.filter(deal__follow_up__match__demand=demand).update(buyer=firm, buyer_name=firm.name)
    about = Meeting.objects.filter(match__demand=demand) | Meeting.objects.filter(unmatched_demand=demand)
    for meeting in about.select_related("firm_party"):
        party = meeting.firm_party
        moved = Party.objects.filter(docking_round=party.docking_round_id, organisation=firm).first()
        if moved is None:
            attendees = [(person.position, person.checked_in_at) for person in party.attendees.all()]
            moved = Party(**{field.attname: getattr(party, field.attname) for field in Party._meta.concrete_fields})
            moved.pk, moved.organisation, moved.team = None, firm, ""
            moved.public_id, moved.code = new_public_id(), new_public_id()
            moved.save(force_insert=True)
            for position, at in attendees:
                moved.attendees.create(name=contact.name, position=position, checked_in_at=at)
        meeting.meeting_requests.filter(party=party).update(party=moved)
        Meeting.objects.filter(pk=meeting.pk).update(firm_party=moved)


def admitted(user: User | None, identities: Iterable[Identity]) -> set[int]:
    """Numbers of the identities that a user may read, from the rule itself and not from the code under test: the own
    firm, those of the own district, and the other side, owner and broker of a follow-up that both sides agreed to."""
    scope = scope_of(user)
    agreed = FollowUp.objects.exclude(agreed_at=None).filter(match__demand__is_anonymous=True)
    taken = BrokerRequest.objects.filter(broker__user=scope.user_id or -1, status="taken").values("match")
    known = set(
        (
            agreed.filter(match__achievement__institution__in=scope.institution_ids)
            | agreed.filter(owner=scope.user_id or -1)
            | agreed.filter(match__in=taken)
        ).values_list("match__demand", flat=True)
    )
    return {
        row.number
        for row in identities
        if scope.sees_all
        or row.demand.pk in known
        or row.firm.pk in scope.firm_ids
        or row.firm.stat_region_id in scope.region_ids
    }


def read_identities(text: str) -> dict[int, str]:
    """{number of the identity: the words by which the text gives it away}"""
    read: dict[int, str] = {}
    for match in TOKEN.finditer(text):
        token = next(group for group in match.groups() if group)
        number = int(token) if token.isdecimal() else NUMBERS.get(token)
        if number is not None:
            read.setdefault(number, text[max(0, match.start() - 40) : match.end() + 20])
    return read
