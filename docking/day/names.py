"""Under which name a party may stand where others read it."""

from docking.models import DockingRound, Meeting, Party


def aliases_of(docking_round: DockingRound) -> dict[int, str]:
    """{party: the name it goes by} for the firms that talk about a need they published without their name: on a wall
    or a list their own name beside the institution would tell whose need it is."""
    rows = Meeting.objects.wanted().filter(docking_round=docking_round, match__demand__is_anonymous=True)
    return dict(rows.order_by("-pk").values_list("firm_party_id", "match__demand__public_alias"))


def public_name(party: Party, aliases: dict[int, str]) -> str:
    return aliases.get(party.pk) or str(party)


def name_to_other_side(meeting: Meeting, other: Party, aliases: dict[int, str]) -> str:
    """How one side reads the other: a firm that hides its name says it only once both were willing to talk."""
    follow_up = getattr(meeting.match, "follow_up", None) if meeting.match_id else None
    if other.side == Party.Side.OFFICE or (follow_up and follow_up.agreed_at):
        return str(other)
    return public_name(other, aliases)
