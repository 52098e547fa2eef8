"""Input of the selection: candidates and manual decisions."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Candidate:
    """An achievement that could be featured.

    `key` is stable and breaks ties. `maturity` is a key of `scoring.MATURITY_SCORES` or empty, `level` its display
    text. `words` is the text searched for themes, `industry_words` are the names of its industry. `accepted` counts
    open demands matched with it by accepted matches, `waiting` those of promising matches awaiting review, which are
    shown and not scored; `industry_needs` counts all open demands of its industry. `shown` lists (rounds back, name of
    the round); 1 is the previous round.
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
        """Return its key in the dimension `side`: "institutions" or "industries"."""
        return self.institution if side == "institutions" else self.industry

    def group_name(self, side: str) -> str:
        return self.institution_name if side == "institutions" else self.industry_name

    def resting(self, rest: int) -> str:
        """Return the name of the latest of the previous `rest` rounds that featured it; empty if none did."""
        recent = sorted(entry for entry in self.shown if entry[0] <= rest)
        return recent[0][1] if recent else ""


@dataclass(frozen=True, slots=True)
class ManualDecisions:
    """Decisions of officers: {key: reason} for pins and bans, {key: place from 1} for manual places."""

    pins: dict[str, str] = field(default_factory=dict)
    bans: dict[str, str] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
