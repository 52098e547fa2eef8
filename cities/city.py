"""What is known of a city: the content of its package, checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path

SPECIAL_ENDINGS = ("壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市")


@dataclass(frozen=True)
class RegionRow:
    """`aliases`: other spellings, joined by 、. `is_gb2260`: an administrative division; else a functional area.

    `map_name`, `map_row`, `map_column`: the tile on the schematic map of the districts, its place counted from 1;
    0 if the map does not show the region.
    """

    code: str
    name: str
    aliases: str
    is_gb2260: bool
    is_reporting: bool
    map_name: str = ""
    map_row: int = 0
    map_column: int = 0


@dataclass(frozen=True)
class IndustryRow:
    """`technology_field`: that of the registration form; empty if the form shall ask."""

    slug: str
    name: str
    aliases: str
    technology_field: str = ""


@dataclass(frozen=True)
class ChainLinkRow:
    """A link of an industry's chain. Titles and keywords with one of the `words` belong to it."""

    industry: str
    name: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class TaskRow:
    """`figures`: what the task's board shows, each as key, key:part or key=kind."""

    number: int
    name: str
    goal: str
    figures: tuple[str, ...]


@dataclass(frozen=True)
class TargetRow:
    figure: str
    year: int
    value: Decimal
    must_exceed: bool
    source: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class HolidayRow:
    """A day on which the city's offices are closed, or work although the national calendar says they rest."""

    day: date
    name: str
    is_workday: bool


@dataclass(frozen=True, eq=False)
class City:
    """One city. Instances compare and hash by identity, so that functions may cache by them."""

    folder: Path
    key: str
    """Latin letters: in names of files and identifiers of calendars."""
    name: str
    """With its ending: 大连市."""
    short_name: str
    """Without it: 大连."""
    province: str
    """With its ending: 辽宁省; a city under the central government names itself."""
    area_code: str
    """GB/T 2260, six digits."""
    telephone_code: str
    """With its zero: 0411. Put before landlines in sheets that lack it."""
    registry_prefix: str
    """Of the numbers of registered achievements: DL in DL-2026-0001."""
    in_city: str
    """How the city's officers say "in this city": 在连."""
    site_name: str
    site_short_name: str
    regions: tuple[RegionRow, ...]
    industries: tuple[IndustryRow, ...]
    tasks_title: str
    tasks: tuple[TaskRow, ...]
    targets: tuple[TargetRow, ...]
    chain_links: tuple[ChainLinkRow, ...] = ()
    """The links of the industries' chains (`industry` is a slug), each chain from its beginning to its end."""
    holidays: tuple[HolidayRow, ...] = ()
    places: tuple[str, ...] = ()
    """Words for places that may stand at the beginning of a firm's name; masking takes them off. Longest first."""
    trade_words: tuple[str, ...] = ()
    ordinary_words: tuple[str, ...] = ()
    """Lines of business and ordinary words of this city's firms, beside those that every city has."""
    stop_words: tuple[str, ...] = ()
    """Words that say nothing about a technology here, such as places; the matching engine leaves them out."""
    institution_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """{part of an institution's full name: how people call it}."""
    evaluation_weights: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """{category of achievements: percent per value}, where the city differs from the national proposal."""
    settings: Mapping[str, int] = field(default_factory=dict)
    """Defaults of settings.py: periods and limits."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """{key: text} of pages and mails."""
    reasons: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """{kind of reason: {code: label}}, where the city words them otherwise."""
    examples: Mapping[str, str] = field(default_factory=dict)
    demo_folder: Path | None = None
    """Data of a fictional city to try the platform with; without it the demo begins with accounts alone."""

    def __repr__(self) -> str:
        return f"<City {self.key}>"

    @property
    def code_prefix(self) -> str:
        """Province and city in registration numbers and credit codes: 2102."""
        return self.area_code[:4]

    @cached_property
    def short_province(self) -> str:
        return next((self.province.removesuffix(end) for end in SPECIAL_ENDINGS if self.province.endswith(end)), "")

    @property
    def reporting(self) -> tuple[RegionRow, ...]:
        return tuple(region for region in self.regions if region.is_reporting)

    @property
    def example_region(self) -> str:
        return self.examples.get("region") or self.reporting[0].name

    @property
    def example_region_short(self) -> str:
        return self.examples.get("region_short") or self.example_region

    @property
    def example_institution(self) -> str:
        return self.examples.get("institution") or f"{self.short_name}示例大学"

    @property
    def example_firm(self) -> str:
        return self.examples.get("firm") or f"{self.short_name}示例轴承有限公司"

    @property
    def example_number(self) -> str:
        """A registration number as in the national scheme."""
        return f"2026{self.area_code}000001"

    def text(self, key: str, default: str = "") -> str:
        """The city's text, or the default; `{city}` and `{in_city}` in either stand for its words."""
        text = self.texts.get(key, default)
        return text.replace("{city}", self.name).replace("{in_city}", self.in_city)
