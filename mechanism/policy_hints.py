"""Which policies may fit a firm, an achievement, a need or a pair: facts read from the rows, judged by `policy_fit`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Organisation
from achievements.models import Achievement
from demands.models import Demand
from matching.models import FollowUp
from mechanism.models import Policy, PolicyCondition
from mechanism.policy_fit import Fit, fit
from taxonomy.models import MaturityBucket, TransferWay


@dataclass(frozen=True)
class Hint:
    policy: Policy
    fit: Fit


@dataclass(frozen=True)
class HintOfMany:
    """A policy that may fit some of many: how many, one of them, and why that one."""

    policy: Policy
    number: int
    example: Achievement | Demand
    fit: Fit


def policies_now() -> list[Policy]:
    """Published and in force, with the conditions they have. One query."""
    current = Policy.objects.published().in_force()
    rows = PolicyCondition.objects.filter(policy__in=current).select_related("policy")
    found: dict[int, Policy] = {}
    for row in rows.order_by("-policy__valid_from", "-policy", "order", "pk"):
        policy = found.setdefault(row.policy_id, row.policy)
        policy.known = [*getattr(policy, "known", ()), row.as_condition()]
    return list(found.values())


def hints(facts: dict, policies: list[Policy] | None = None) -> list[Hint]:
    """The policies that may fit these facts ({subject: {field: value}}), with the conditions' words as reasons."""
    found = [Hint(one, judged(one, facts)) for one in (policies_now() if policies is None else policies)]
    return [hint for hint in found if hint.fit.may_apply]


def hints_of_many(items: Iterable, facts_of, policies: list[Policy] | None = None) -> list[HintOfMany]:
    """For each policy that may fit some of `items`: `facts_of(item)` are the facts of one."""
    policies = policies_now() if policies is None else policies
    facts = [(item, facts_of(item)) for item in items] if policies else []
    found = []
    for policy in policies:
        fitting = [(item, one) for item, known in facts if (one := judged(policy, known)).may_apply]
        if fitting:
            found.append(HintOfMany(policy, len(fitting), *fitting[0]))
    return found


def judged(policy: Policy, facts: dict) -> Fit:
    known = getattr(policy, "known", None)
    return fit([one.as_condition() for one in policy.conditions.all()] if known is None else known, facts)


# --- Facts, in the words people read ---------------------------------------------------------------------------------
def facts_of_firm(firm: Organisation) -> dict:
    types = {word for word in re.split(r"[、,，;；/\s]+", firm.firm_type) if word}
    region = str(firm.stat_region) if firm.stat_region else None
    return {"firm": {"region": region, "is_local": firm.is_local, "firm_type": types or None}}


def facts_of_achievement(achievement: Achievement) -> dict:
    """Wants its industry with parent, institution and intellectual property loaded."""
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


def facts_of_demand(demand: Demand) -> dict:
    """Wants its industry with parent loaded. Nothing of the firm, which may be anonymous."""
    return {
        "demand": {
            "industry": _industry(demand.industry) if demand.industry else None,
            "kind": str(demand.get_kind_display()),
            "ways": _ways(demand.transfer_ways),
            "budget": demand.budget_max_wan if demand.budget_max_wan is not None else demand.budget_min_wan,
            "wants_challenge": demand.wants_challenge,
        }
    }


def facts_of_pair(one: FollowUp) -> dict:
    """All there is of an agreed pair, both sides included: only for those who may know both."""
    match = one.match
    firm, institution = match.demand.firm, match.achievement.institution
    pair = {
        "status": str(one.get_status_display()),
        "is_agreed": one.is_agreed,
        "stays_local": firm.is_local and institution.is_local,
    }
    return (
        facts_of_firm(firm) | facts_of_achievement(match.achievement) | facts_of_demand(match.demand) | {"pair": pair}
    )


def _industry(industry) -> set[str]:
    return {industry.name} | ({industry.parent.name} if industry.parent else set())


def _ways(ways: list[str]) -> set[str] | None:
    return {str(TransferWay(way).label) for way in ways} or None
