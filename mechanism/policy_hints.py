"""Policies that may fit a firm, an achievement, a demand or a follow-up, by the facts of `policy_fit`."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from accounts.models import Organisation
from achievements.models import Achievement
from demands.models import Demand
from matching.models import FollowUp
from mechanism.models import Policy, PolicyCondition
from mechanism.policy_fit import PolicyFit, evaluate_fit
from taxonomy.models import Industry, MaturityBucket, TransferWay


@dataclass(frozen=True)
class PolicyHint:
    policy: Policy
    fit: PolicyFit


@dataclass(frozen=True)
class GroupedPolicyHint:
    """A policy that may fit some of many items: their number, and an example with its fit."""

    policy: Policy
    number: int
    example: Achievement | Demand
    fit: PolicyFit


def current_policies() -> list[Policy]:
    """Published policies in force that have conditions, as attribute `loaded_conditions`. One SQL query."""
    current = Policy.objects.published().in_force()
    rows = PolicyCondition.objects.filter(policy__in=current).select_related("policy")
    policies: dict[int, Policy] = {}
    for row in rows.order_by("-policy__valid_from", "-policy", "order", "pk"):
        policy = policies.setdefault(row.policy_id, row.policy)
        policy.loaded_conditions = [*getattr(policy, "loaded_conditions", ()), row.as_condition()]
    return list(policies.values())


def policy_hints(facts: dict, policies: list[Policy] | None = None) -> list[PolicyHint]:
    """The policies that may fit these facts ({subject: {field: value}})."""
    policies = current_policies() if policies is None else policies
    hints = [PolicyHint(policy, fit_of_policy(policy, facts)) for policy in policies]
    return [hint for hint in hints if hint.fit.may_apply]


def grouped_policy_hints(
    items: Iterable, facts_of: Callable[..., dict], policies: list[Policy] | None = None
) -> list[GroupedPolicyHint]:
    """A hint for each policy that may fit some of `items`. `facts_of(item)` returns the facts of an item."""
    policies = current_policies() if policies is None else policies
    facts = [(item, facts_of(item)) for item in items] if policies else []
    hints = []
    for policy in policies:
        fits = [(item, fit_of_policy(policy, item_facts)) for item, item_facts in facts]
        fitting = [(item, fit) for item, fit in fits if fit.may_apply]
        if fitting:
            hints.append(GroupedPolicyHint(policy, len(fitting), *fitting[0]))
    return hints


def fit_of_policy(policy: Policy, facts: dict) -> PolicyFit:
    conditions = getattr(policy, "loaded_conditions", None)
    if conditions is None:
        conditions = [row.as_condition() for row in policy.conditions.all()]
    return evaluate_fit(conditions, facts)


# --- Facts, with labels as values ------------------------------------------------------------------------------------
def facts_of_firm(firm: Organisation) -> dict:
    types = {word for word in re.split(r"[、,，;；/\s]+", firm.firm_type) if word}
    region = str(firm.stat_region) if firm.stat_region else None
    return {"firm": {"region": region, "is_local": firm.is_local, "firm_type": types or None}}


def facts_of_achievement(achievement: Achievement) -> dict:
    """Reads institution, intellectual property, and industry with parent: load them before."""
    rights = {str(right.get_kind_display()) for right in achievement.intellectual_property.all()}
    bucket = achievement.maturity_bucket
    return {
        "achievement": {
            "industry": _industry(achievement.industry),
            "bucket": str(MaturityBucket(bucket).label) if bucket else None,
            "stage": str(achievement.get_stage_display()),
            "ways": _ways(achievement.transfer_ways),
            "rights": rights or None,
            "pay_later": achievement.pay_later,
            "is_local": achievement.institution.is_local,
            "is_registered": achievement.registered_at is not None,
            "funds_needed": achievement.funds_needed_wan,
        }
    }


def facts_of_demand(demand: Demand, *, for_public: bool = False) -> dict:
    """Reads industry with parent: load them before. Contains nothing about the firm, which may be anonymous.

    `for_public`: only the industry that an anonymous demand shows.
    """
    industry = demand.public_industry if for_public else demand.industry
    return {
        "demand": {
            "industry": _industry(industry) if industry else None,
            "kind": str(demand.get_kind_display()),
            "ways": _ways(demand.transfer_ways),
            "budget": demand.budget_max_wan if demand.budget_max_wan is not None else demand.budget_min_wan,
            "wants_challenge": demand.wants_challenge,
        }
    }


def facts_of_follow_up(follow_up: FollowUp) -> dict:
    """Facts about both sides of an agreed follow-up: only for users who may know both."""
    match = follow_up.match
    firm, institution = match.demand.firm, match.achievement.institution
    pair = {
        "status": str(follow_up.get_status_display()),
        "is_agreed": follow_up.is_agreed,
        "stays_local": firm.is_local and institution.is_local,
    }
    return (
        facts_of_firm(firm) | facts_of_achievement(match.achievement) | facts_of_demand(match.demand) | {"pair": pair}
    )


def _industry(industry: Industry) -> set[str]:
    return {industry.name} | ({industry.parent.name} if industry.parent else set())


def _ways(ways: list[str]) -> set[str] | None:
    return {str(TransferWay(way).label) for way in ways} or None
