"""Proposed guests of a round with reasons: firms with accepted matches first, then firms with open demands."""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from accounts.models import Organisation, Region, User
from achievements.models import Achievement
from demands.models import Demand
from matching.models import Match
from rounds.models import DockingRound, Party


@dataclass(frozen=True)
class GuestProposal:
    """A proposed guest. `reasons`: texts, the strongest first. `rank`: 0 is the highest priority."""

    organisation: Organisation
    side: str
    rank: int
    reasons: list[str] = field(default_factory=list)


def firms_to_invite(docking_round: DockingRound, user: User) -> QuerySet[Organisation]:
    """Return active firms visible to the user that have an accepted match or an open demand and are not listed yet."""
    firms = Organisation.objects.firms().visible_to(user).filter(is_active=True)
    accepted = Match.objects.accepted().filter(demand__firm=OuterRef("pk"), demand__in=Demand.objects.open())
    demands = Demand.objects.open().filter(firm=OuterRef("pk"))
    return firms.filter(Exists(accepted) | Exists(demands)).filter(~Exists(_listed_parties(docking_round)))


def institutions_to_invite(docking_round: DockingRound, user: User) -> QuerySet[Organisation]:
    """Return institutions with featured or matched achievements that are not listed yet; for city staff and auditors
    only."""
    if not user.scope.sees_all:
        return Organisation.objects.none()
    shown = docking_round.featured.filter(institution=OuterRef("pk"))
    accepted = Match.objects.accepted().filter(
        achievement__institution=OuterRef("pk"), demand__in=Demand.objects.open()
    )
    institutions = Organisation.objects.institutions().filter(is_active=True)
    return institutions.filter(Exists(shown) | Exists(accepted)).filter(~Exists(_listed_parties(docking_round)))


def propose_guests(docking_round: DockingRound, user: User, *, region: Region | None = None) -> list[GuestProposal]:
    """Return proposals in the order in which to invite: firms (of `region`, if given), for the whole city also
    institutions. Runs six queries."""
    invitable = firms_to_invite(docking_round, user).select_related("stat_region")
    if region:
        invitable = invitable.filter(stat_region=region)
    firms = list(invitable)
    ids = [firm.pk for firm in firms]
    open_demands = Demand.objects.open().filter(firm__in=ids)
    demands = _count_by(open_demands, "firm")
    matches = Match.objects.filter(demand__in=open_demands.values("pk"))
    accepted = _count_by(matches.accepted(), "demand__firm")
    waiting = _count_by(matches.awaiting_review(), "demand__firm")
    proposals = [_firm_proposal(firm, demands[firm.pk], accepted[firm.pk], waiting[firm.pk]) for firm in firms]
    if region is None and user.scope.sees_all:
        proposals += _institution_proposals(docking_round, user)
    strength = {
        proposal.organisation.pk: (accepted[proposal.organisation.pk], demands[proposal.organisation.pk])
        for proposal in proposals
    }
    return sorted(
        proposals,
        key=lambda proposal: (
            proposal.side,
            proposal.rank,
            *(-number for number in strength[proposal.organisation.pk]),
            proposal.organisation.name,
        ),
    )


def _firm_proposal(firm: Organisation, demands: int, accepted: int, waiting: int) -> GuestProposal:
    reasons = []
    if accepted:
        reasons.append("%(count)s 条已采纳的匹配" % {"count": accepted})
    if waiting:
        reasons.append("%(count)s 条待审核的匹配" % {"count": waiting})
    if demands:
        reasons.append("%(count)s 项公开的需求" % {"count": demands})
    return GuestProposal(firm, Party.Side.FIRM, 0 if accepted else 1 if waiting else 2, reasons)


def _institution_proposals(docking_round: DockingRound, user: User) -> list[GuestProposal]:
    institutions = list(institutions_to_invite(docking_round, user))
    ids = [institution.pk for institution in institutions]
    accepted = Match.objects.accepted().filter(achievement__institution__in=ids, demand__in=Demand.objects.open())
    matched = _count_by(accepted, "achievement__institution")
    shown = _count_by(Achievement.objects.filter(rounds=docking_round, institution__in=ids), "institution")
    proposals = []
    for institution in institutions:
        reasons = []
        if matched[institution.pk]:
            reasons.append("%(count)s 条已采纳的匹配" % {"count": matched[institution.pk]})
        if shown[institution.pk]:
            reasons.append("%(count)s 项成果在本次推介" % {"count": shown[institution.pk]})
        proposals.append(
            GuestProposal(institution, Party.Side.INSTITUTION, 0 if matched[institution.pk] else 1, reasons)
        )
    return proposals


def _count_by[M: Model](rows: QuerySet[M], key: str) -> Counter[int]:
    return Counter(rows.order_by().values_list(key, flat=True))


def _listed_parties(docking_round: DockingRound) -> QuerySet[Party]:
    return Party.objects.filter(~Q(answer="withdrawn"), docking_round=docking_round, organisation=OuterRef("pk"))
