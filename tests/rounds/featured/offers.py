"""Factories of candidates and rules."""

from rounds.featured import Candidate, GroupQuotas, Quota, SelectionRules

FREE = GroupQuotas(Quota(0, None))


def offer(key: str, institution: str = "甲大学", industry: str = "新材料", **fields) -> Candidate:
    """A candidate of medium score by default."""
    values = {"title": f"成果{key}", "maturity": "pilot", "has_evidence": True} | fields
    return Candidate(
        key=key,
        institution=institution,
        institution_name=institution,
        industry=industry,
        industry_name=industry,
        **values,
    )


def rules(number: int, **fields) -> SelectionRules:
    """Rules without quotas by default."""
    return SelectionRules(**{"number": number, "institutions": FREE, "industries": FREE} | fields)


def keys(proposal) -> list[str]:
    return [seat.key for seat in proposal.chosen]
