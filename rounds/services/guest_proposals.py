"""Proposed guests of a round, ranked by its theme, by their matches, and by who was left out of the last round."""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet

from accounts.models import Organisation, Region, User
from achievements.models import Achievement
from demands.models import Demand
from matching.models import Match
from rounds.models import DockingRound, Meeting, Party, Placement
from search.bigrams import is_searchable
from taxonomy.models import Industry

MIN_THEME_LETTERS = 2
"""A shorter part of a theme says nothing about an industry."""
GENERAL_WORDS = ("产业", "技术", "专场", "对接", "制造", "装备", "新型", "高端", "现代", "绿色", "智能", "服务", "系统")
"""Words that many themes and industries share: alone they make no theme."""


@dataclass(frozen=True)
class GuestProposal:
    """A proposed guest. `reasons`: texts, the strongest first. `rank`: 0 is the highest priority.

    `is_on_theme`: an open demand or an offered achievement of the organisation belongs to the theme of the round.
    """

    organisation: Organisation
    side: str
    rank: int
    reasons: list[str] = field(default_factory=list)
    is_on_theme: bool = False


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
    institutions. In a round with a theme those on it come first; then accepted matches, who was left out of the last
    round, matches to review, demands. The number of queries is fixed."""
    invitable = firms_to_invite(docking_round, user).select_related("stat_region")
    if region:
        invitable = invitable.filter(stat_region=region)
    firms = list(invitable)
    ids = [firm.pk for firm in firms]
    open_demands = Demand.objects.open().filter(firm__in=ids)
    matches = Match.objects.filter(demand__in=open_demands.values("pk"))
    theme, missed = ThemeWords(docking_round), _left_out_last_time(docking_round)
    counts = {
        "demands": _count_by(open_demands, "firm"),
        "accepted": _count_by(matches.accepted(), "demand__firm"),
        "waiting": _count_by(matches.awaiting_review(), "demand__firm"),
        "on_theme": _count_by(theme.narrow(open_demands), "firm"),
    }
    proposals = [
        _firm_proposal(firm, {name: numbers[firm.pk] for name, numbers in counts.items()}, missed.get(firm.pk, ""))
        for firm in firms
    ]
    if region is None and user.scope.sees_all:
        proposals += _institution_proposals(docking_round, user, theme, missed)
    return sorted(
        proposals,
        key=lambda proposal: (
            proposal.side,
            bool(theme) and not proposal.is_on_theme,
            proposal.rank,
            *(-counts[name][proposal.organisation.pk] for name in ("accepted", "on_theme", "demands")),
            proposal.organisation.name,
        ),
    )


class ThemeWords:
    """The theme of a round as industries and words. False if the round has none that says anything."""

    def __init__(self, docking_round: DockingRound) -> None:
        parts = [part.strip() for part in docking_round.themes.replace(",", "、").replace("，", "、").split("、")]
        self.words = [part for part in parts if len(part) >= MIN_THEME_LETTERS and part not in GENERAL_WORDS]
        self.industries = self._industries() if self.words else set()

    def __bool__(self) -> bool:
        return bool(self.words)

    def _industries(self) -> set[int]:
        """Industries that a word of the theme names, with those below them."""
        rows = list(Industry.objects.active())
        named = {row.pk for row in rows if any(self._names(word, row) for word in self.words)}
        return named | {row.pk for row in rows if row.parent_id in named}

    @staticmethod
    def _names(word: str, industry: Industry) -> bool:
        """The word is in a name or alias of the industry, or the other way round: 海洋食品 in 海洋食品与生物."""
        names = [industry.name, *industry.aliases.split("、")]
        return any(name and (word in name or (len(name) > MIN_THEME_LETTERS and name in word)) for name in names)

    def narrow[M: Model](self, rows: QuerySet[M]) -> QuerySet[M]:
        """The demands or achievements on the theme; none without a theme."""
        if not self:
            return rows.none()
        on_theme = Q(industry__in=self.industries)
        for word in self.words:
            if is_searchable(word):
                on_theme |= Q(title__icontains=word)
        return rows.filter(on_theme)


def _firm_proposal(firm: Organisation, counts: dict[str, int], missed: str) -> GuestProposal:
    reasons = [
        words % counts[name]
        for name, words in (
            ("on_theme", "%d 项需求属于本次主题"),
            ("accepted", "%d 条已采纳的匹配"),
            ("waiting", "%d 条待审核的匹配"),
            ("demands", "%d 项公开的需求"),
        )
        if counts[name]
    ]
    reasons += [missed] if missed else []
    rank = 0 if counts["accepted"] else 1 if missed else 2 if counts["waiting"] else 3
    return GuestProposal(firm, Party.Side.FIRM, rank, reasons, bool(counts["on_theme"]))


def _institution_proposals(
    docking_round: DockingRound, user: User, theme: ThemeWords, missed: dict[int, str]
) -> list[GuestProposal]:
    institutions = list(institutions_to_invite(docking_round, user))
    ids = [institution.pk for institution in institutions]
    accepted = Match.objects.accepted().filter(achievement__institution__in=ids, demand__in=Demand.objects.open())
    matched = _count_by(accepted, "achievement__institution")
    shown = _count_by(Achievement.objects.filter(rounds=docking_round, institution__in=ids), "institution")
    on_theme = _count_by(theme.narrow(Achievement.objects.on_offer().filter(institution__in=ids)), "institution")
    proposals = []
    for institution in institutions:
        pk = institution.pk
        reasons = []
        if on_theme[pk]:
            reasons.append("%(count)s 项成果属于本次主题" % {"count": on_theme[pk]})
        if matched[pk]:
            reasons.append("%(count)s 条已采纳的匹配" % {"count": matched[pk]})
        if shown[pk]:
            reasons.append("%(count)s 项成果在本次推介" % {"count": shown[pk]})
        if pk in missed:
            reasons.append(missed[pk])
        rank = 0 if matched[pk] else 1
        proposals.append(GuestProposal(institution, Party.Side.INSTITUTION, rank, reasons, bool(on_theme[pk])))
    return proposals


def _left_out_last_time(docking_round: DockingRound) -> dict[int, str]:
    """{organisation: why} of the last round before this one: it waited for a place, or came without any talk; and of
    rounds that were cancelled since: it had said that it comes."""
    held = DockingRound.objects.exclude(status=DockingRound.Status.CANCELLED)
    earlier = held.filter(starts_at__lt=docking_round.starts_at, ends_at__lte=docking_round.starts_at)
    last = earlier.exclude(pk=docking_round.pk).filter(timetables__status="published").order_by("-starts_at").first()
    return _guests_of_cancelled(docking_round, last) | (_left_out_of(last) if last else {})


def _guests_of_cancelled(docking_round: DockingRound, last: DockingRound | None) -> dict[int, str]:
    cancelled = DockingRound.objects.filter(status=DockingRound.Status.CANCELLED).exclude(pk=docking_round.pk)
    if last:
        cancelled = cancelled.filter(starts_at__gt=last.starts_at)
    parties = Party.objects.filter(docking_round__in=cancelled, answer__in=[Party.Answer.COMING, Party.Answer.WAITING])
    return dict.fromkeys(parties.values_list("organisation", flat=True), "答复参加的上一场取消了")


def _left_out_of(last: DockingRound) -> dict[int, str]:
    placed = Placement.objects.filter(timetable__docking_round=last, timetable__status="published").exclude(
        meeting__status=Meeting.Status.DROPPED
    )
    talked = {pk for pair in placed.values_list("meeting__firm_party", "meeting__institution_party") for pk in pair}
    reasons: dict[int, str] = {}
    parties = last.parties.filter(answer__in=[Party.Answer.COMING, Party.Answer.WAITING])
    for pk, organisation, answer in parties.values_list("pk", "organisation", F("answer")):
        if answer == Party.Answer.WAITING:
            reasons[organisation] = "上次候补没有名额"
        elif pk not in talked:
            reasons.setdefault(organisation, "上次来了没有排上洽谈")
    return reasons


def _count_by[M: Model](rows: QuerySet[M], key: str) -> Counter[int]:
    return Counter(rows.order_by().values_list(key, flat=True))


def _listed_parties(docking_round: DockingRound) -> QuerySet[Party]:
    return Party.objects.filter(~Q(answer="withdrawn"), docking_round=docking_round, organisation=OuterRef("pk"))
