"""Ventures, investments, bases and related parties: whom each names, and what the named are shown."""

from django.db.models import Model

from accounts.models import User
from deals.confirmation_subjects import ConfirmableSubject, Facts, NamedParty, facts_of, register_subject
from deals.models import Confirmation
from deals.services.confirmations import ask_parties
from mechanism.models import Base, Investment, RelatedParties, Venture

Role = Confirmation.Role


def ask_named_parties(row: Model, *, by: User) -> None:
    """Ask those whom a record of the city names; called after each edit."""
    ask_parties(row, by=by)


def _venture_parties(venture: Venture) -> list[NamedParty]:
    company = [NamedParty(Role.COMPANY, venture.organisation)] if venture.organisation else []
    return [*company, NamedParty(Role.SOURCE, venture.achievement.institution)]


def _venture_facts(venture: Venture, role: str) -> Facts:
    return facts_of(
        ("公司", venture.name),
        ("来自成果", venture.achievement),
        ("成果完成单位", venture.achievement.institution),
        ("所在区市县", venture.region),
        ("成立日期", venture.founded_on),
        ("就业人数", venture.jobs),
    )


def _investment_parties(investment: Investment) -> list[NamedParty]:
    parties = [NamedParty(Role.COMPANY, investment.firm)] if investment.firm else []
    if investment.achievement:
        parties.append(NamedParty(Role.SOURCE, investment.achievement.institution))
    return parties


def _investment_facts(investment: Investment, role: str) -> Facts:
    return facts_of(
        ("基金", investment.fund),
        ("被投企业", investment.firm or investment.target),
        ("投向成果", investment.achievement),
        ("金额", investment.amount_wan if role == Role.COMPANY else None),
        ("投资日期", investment.invested_on),
    )


def _base_facts(base: Base, role: str) -> Facts:
    return facts_of(("基地", base.name), ("类别", base.get_kind_display()), ("所在区市县", base.region))


def _related_facts(related: RelatedParties, role: str) -> Facts:
    return facts_of(("单位", related.one), ("关联单位", related.other), ("关联关系", related.why))


def register_mechanism_subjects() -> None:
    register_subject(
        ConfirmableSubject(
            Venture,
            {"venture": "成果孵化企业"},
            rows=lambda: Venture.objects.select_related("organisation", "achievement__institution", "region"),
            matter=lambda venture: "" if venture.stage == Venture.Stage.CLOSED else "venture",
            title=lambda venture: venture.name,
            parties=_venture_parties,
            facts=_venture_facts,
            counted=lambda: Venture.objects.active().confirmed_by_all_parties(),
        )
    )
    register_subject(
        ConfirmableSubject(
            Investment,
            {"investment": "基金投资"},
            rows=lambda: Investment.objects.select_related("fund", "firm", "achievement__institution"),
            matter=lambda investment: "investment",
            title=lambda investment: f"{investment.fund}的投资",
            parties=_investment_parties,
            facts=_investment_facts,
            counted=lambda: Investment.objects.confirmed_by_all_parties(),
        )
    )
    register_subject(
        ConfirmableSubject(
            Base,
            {"base": "中试基地、概念验证中心的运营单位"},
            rows=lambda: Base.objects.select_related("organisation", "region"),
            matter=lambda base: "base",
            title=lambda base: base.name,
            parties=lambda base: [NamedParty(Role.OPERATOR, base.organisation)] if base.organisation else [],
            facts=_base_facts,
            counted=lambda: Base.objects.confirmed_by_all_parties(),
        )
    )
    register_subject(
        ConfirmableSubject(
            RelatedParties,
            {"related": "关联单位"},
            rows=lambda: RelatedParties.objects.select_related("one", "other"),
            matter=lambda related: "" if related.ended_on else "related",
            title=str,
            parties=lambda related: [NamedParty(Role.ONE, related.one), NamedParty(Role.OTHER, related.other)],
            facts=_related_facts,
            counted=lambda: RelatedParties.objects.confirmed_by_all_parties(),
        )
    )
