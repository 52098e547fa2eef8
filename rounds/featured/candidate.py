"""What the choice is made from: achievements that could be presented, and what officers decided about single ones."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Candidate:
    """`key` is stable and breaks ties. `maturity` is one of `scoring.MATURITY` or empty, `level` its words for people.

    `words` is the text in which themes are looked for; `industry_words` are the names its industry goes by. `accepted`
    and `waiting` count open needs behind it, by matches accepted and by good ones that still wait; `industry_needs`
    all open needs of its industry. `shown` are (rounds back, name of the round), 1 being the round before this one.
    """

    key: str
    title: str
    institution: str
    institution_name: str
    industry: str
    industry_name: str
    maturity: str = ""
    level: str = ""
    has_evidence: bool = False
    words: str = ""
    industry_words: tuple[str, ...] = ()
    accepted: int = 0
    waiting: int = 0
    industry_needs: int = 0
    shown: tuple[tuple[int, str], ...] = ()

    def group(self, side: str) -> str:
        """Its key among the "institutions" or "industries"."""
        return self.institution if side == "institutions" else self.industry

    def group_name(self, side: str) -> str:
        return self.institution_name if side == "institutions" else self.industry_name

    def resting(self, rest: int) -> str:
        """The name of the last of the `rest` rounds before this one that showed it; empty if none did."""
        recent = sorted(entry for entry in self.shown if entry[0] <= rest)
        return recent[0][1] if recent else ""


@dataclass(frozen=True, slots=True)
class ManualDecisions:
    """What officers decided: {key: in whose words} for pins and bans, {key: place from 1} for those set by hand."""

    pins: dict[str, str] = field(default_factory=dict)
    bans: dict[str, str] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
