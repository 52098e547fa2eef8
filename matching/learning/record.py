"""What the words 高, 中, 低 have meant so far, for whoever reads a list of matches."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from matching.models import Learned, Match


@dataclass(frozen=True, slots=True)
class LevelRecord:
    """One word and what it has meant on decisions that its scale had not seen."""

    level: str
    number: int
    accepted: float

    @property
    def sentence(self) -> str:
        """高：过去 140 条中 78% 被采纳."""
        word = Match.Level(self.level).label
        if not self.number:
            return _("%(word)s：还没有这样的匹配经过审核") % {"word": word}
        return _("%(word)s：过去 %(number)s 条中 %(share)s 被采纳") % {
            "word": word,
            "number": self.number,
            "share": f"{self.accepted:.0%}",
        }


def level_records() -> list[LevelRecord]:
    """From the scale in force, best level first; empty while levels are uncalibrated. One query."""
    rows = Learned.objects.filter(engine=settings.MATCH_ENGINE, is_in_force=True)
    row = {row.kind: row for row in rows}
    in_force = row.get(Learned.Kind.RANKER) or row.get(Learned.Kind.LEVELS)
    return records_of(in_force) if in_force else []


def records_of(row: Learned) -> list[LevelRecord]:
    """What the words of this scale meant on decisions it had not seen."""
    found = row.figures.get("levels") or {}
    return [
        LevelRecord(level, found[level]["number"], found[level]["accepted"] or 0.0)
        for level in Match.Level.values
        if level in found
    ]


def levels_sentence() -> str:
    """One line above every list of matches."""
    records = level_records()
    meant = "；".join(record.sentence for record in records) if records else _("级别未经校准：审核决定还太少")
    return _("系统推荐，仅供参考。%(meant)s。") % {"meant": meant}
