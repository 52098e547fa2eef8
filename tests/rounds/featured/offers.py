"""Candidates for tests, as short as they can be said."""

from rounds.featured import Candidate, GroupQuotas, Quota, SelectionRules

FREE = GroupQuotas(Quota(0, None))


def offer(key: str, institution: str = "甲大学", industry: str = "新材料", **fields) -> Candidate:
    """Of middling worth unless said otherwise."""
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
    """Without limits unless said otherwise."""
    return SelectionRules(**{"number": number, "institutions": FREE, "industries": FREE} | fields)


def keys(proposal) -> list[str]:
    return [seat.key for seat in proposal.chosen]
