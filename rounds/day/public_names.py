"""Public names of parties. What one side reads of the other is in `rounds.own_plan`."""

from rounds.models import DockingRound, Meeting, Party


def public_aliases(docking_round: DockingRound) -> dict[int, str]:
    """Return {party: alias} for firms with a meeting about an anonymous demand: on public lists their own name
    beside the institution would reveal the demand."""
    wanted = Meeting.objects.wanted().filter(docking_round=docking_round).order_by("-pk")
    return {
        party: alias
        for about in ("unmatched_demand", "match__demand")
        for party, alias in wanted.filter(**{f"{about}__is_anonymous": True}).values_list(
            "firm_party_id", f"{about}__public_alias"
        )
    }


def public_name(party: Party, aliases: dict[int, str]) -> str:
    return aliases.get(party.pk) or str(party)
