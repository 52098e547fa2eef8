"""What the claims of the provider mean here, by the setting OIDC_CLAIMS:

{"name": "name",                   claim with the person's name, shown before the accounts are linked
 "credit_code": "uscc",            claim with the credit code of the organisation the person works for
 "roles": {"claim": "duty",        claim with the role, a text or a list of texts
           "map": {"法人": "firm_officer"}}}

A role that the map does not name is no role: staff roles are given by claims only where the map says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from accounts.models import Role
from sheets.credit_code import normalize_credit_code


@dataclass(frozen=True)
class MappedClaims:
    """ "" where the claims say nothing that can be used."""

    name: str
    credit_code: str
    role: str


def map_claims(claims: Mapping[str, Any]) -> MappedClaims:
    mapping = settings.OIDC_CLAIMS
    roles = mapping.get("roles") or {}
    return MappedClaims(
        name=_text(claims, mapping.get("name", "name"))[:30],
        credit_code=_credit_code(_text(claims, mapping.get("credit_code", ""))),
        role=_role(claims.get(roles.get("claim", "")), roles.get("map") or {}),
    )


def _text(claims: Mapping[str, Any], claim: str) -> str:
    value = claims.get(claim) if claim else None
    return value.strip() if isinstance(value, str) else ""


def _credit_code(text: str) -> str:
    try:
        return normalize_credit_code(text) if text else ""
    except ValueError:
        return ""


def _role(value: Any, names: Mapping[str, str]) -> str:
    """The role of the first text that the map knows."""
    texts = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    roles = [names[text] for text in texts if isinstance(text, str) and names.get(text) in Role.values]
    return roles[0] if roles else ""
