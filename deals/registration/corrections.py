"""What a later list of the registration office changes of a stored contract, with what follows from it.

A corrected name may mean another organisation, another district and another place; a corrected place or credit code
does so without a new name. What a list leaves open becomes a doubt that the city settles.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import Region
from deals.models import Contract
from deals.registration.party_lookup import PartyLookup, name_key

type Changes = dict[str, list[Any]]

SIDES = ("seller", "buyer")
Doubt = Contract.Doubt


def stated_changes(contract: Contract, values: dict) -> Changes:
    """{field: [stored value, value of the row]} where they differ. Empty cells change nothing."""
    new_values = {
        "name": values["name"],
        "kind": values["kind"],
        "seller_name": values["seller"],
        "buyer_name": values["buyer"],
        "amount_wan": values["amount_wan"],
        "tech_amount_wan": values["tech_amount_wan"],
        "signed_on": values["signed_on"],
        "registered_on": values["registered_on"],
    }
    pairs = {name: [getattr(contract, name), value] for name, value in new_values.items() if value not in (None, "")}
    party_names = {"seller_name", "buyer_name"}
    return {
        name: pair
        for name, pair in pairs.items()
        if (name_key(pair[0]) != name_key(pair[1]) if name in party_names else pair[0] != pair[1])
    }


def corrections(contract: Contract, values: dict, parties: PartyLookup) -> Changes:
    """The stated changes, with organisation, district and place of each side as they follow, and with a new doubt."""
    changes = stated_changes(contract, values)
    doubts = []
    for side in SIDES:
        side_changes, doubt = _side_changes(contract, values, side, parties, is_renamed=f"{side}_name" in changes)
        changes |= side_changes
        doubts.append(doubt)
    doubt = next(filter(None, doubts), "")
    if doubt and doubt != contract.doubt:
        changes["doubt"] = [contract.doubt, doubt]
    return changes


def _side_changes(
    contract: Contract, values: dict, side: str, parties: PartyLookup, *, is_renamed: bool
) -> tuple[Changes, str]:
    """The changes of one side, and the doubt that they leave."""
    if not values[side]:
        return {}, ""
    organisation = parties.find(values, side)
    place_is_stated = bool((values.get(f"{side}_place") or "").strip())
    if not is_renamed and organisation is None and not place_is_stated:
        return {}, ""
    stored = getattr(contract, f"{side}_id")
    if not is_renamed and stored is not None and (organisation is None or organisation.pk == stored):
        return (
            {},
            "",
        )  # settled before; a district to which the organisation has moved since is not that of the contract
    new = {side: organisation} | parties.location(values, side)
    changes = {
        name: [getattr(contract, name), value] for name, value in new.items() if getattr(contract, name) != value
    }
    return changes, _doubt(contract, values, side, parties, organisation, is_renamed, changes)


def _doubt(
    contract: Contract, values: dict, side: str, parties: PartyLookup, organisation, is_renamed: bool, changes: Changes
) -> str:
    if contract.deal is not None and is_renamed and organisation != getattr(contract.deal, side):
        return Doubt.CHANGED_PARTY
    if is_renamed and organisation is None and parties.find_similar(values[side]):
        return Doubt.PARTY if contract.deal is None else Doubt.CHANGED_PARTY
    stated = parties.stated_place(values, side)
    if organisation is not None and stated is not None and stated != organisation.is_local and changes:
        return Doubt.PLACE
    if is_renamed and organisation is None and changes.get(f"is_{side}_local", [0, 0])[1] is None:
        return Doubt.PLACE
    return ""


def difference_text(stored: Contract, values: dict, parties: PartyLookup) -> str:
    """What the list will change of a stored contract, before and after; empty if nothing."""
    if stored.status not in Contract.LIVE:
        return "平台上这份合同是“%(state)s”，保持原样" % {"state": stored.get_status_display()}
    changes = corrections(stored, values, parties)
    if stored.status != Contract.Status.REGISTERED or not changes:
        return ""
    shown = [
        "%(label)s “%(before)s”→“%(after)s”"
        % {"label": _label(name), "before": _text(name, before), "after": _text(name, after)}
        for name, (before, after) in changes.items()
        if name != "doubt"
    ]
    text = "平台上已有这份合同，将按名单更正：%(what)s" % {"what": "；".join(shown)}
    if "doubt" in changes:
        text += "；更正后列入核对清单（%(doubt)s）" % {"doubt": Doubt(changes["doubt"][1]).label}
    return text


def _label(name: str) -> str:
    return str(Contract._meta.get_field(name).verbose_name)


def _text(name: str, value: object) -> str:
    if name.startswith("is_"):
        return {True: "是", False: "否", None: "不明"}[value]  # type: ignore[index]
    if value in (None, ""):
        return "无"
    if name == "kind":
        return Contract.Kind(str(value)).label
    if isinstance(value, Region):
        return value.name
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    return value.isoformat() if isinstance(value, date) else str(value)
