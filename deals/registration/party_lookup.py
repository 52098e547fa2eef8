"""Finds the organisations that a list names: by credit code, by name, and by similar names."""

import re
from functools import cache

from django.conf import settings

from accounts.models import Organisation, Region
from cities import City
from sheets.cells import fold

_PUNCTUATION = re.compile(r"[\s()（）〔〕\[\]·.,，。、\-—]")
_LEGAL_FORM = re.compile(r"(股份有限公司|有限责任公司|有限公司|总公司|公司|集团)")


@cache
def _city_pattern(city: City) -> re.Pattern[str]:
    """Province and city at the beginning of a name or place."""
    provinces = {city.province, city.short_province} - {"", city.name, city.short_name}  # 吉林省 has a city 吉林市
    groups = [sorted(words, key=len, reverse=True) for words in (provinces, {city.name, city.short_name}) if words]
    return re.compile("^" + "".join(f"(?:{'|'.join(map(re.escape, words))})?" for words in groups))


def without_city(text: str) -> str:
    """The text without the province and the city at its beginning."""
    return _city_pattern(settings.CITY).sub("", text)


def name_key(name: str) -> str:
    """A key that is equal for names that differ only in width, case, spaces, brackets and punctuation."""
    return _PUNCTUATION.sub("", fold(name))


def similarity_key(name: str) -> str:
    """As `name_key`, also without legal form and city; empty if fewer than three characters remain."""
    core = _LEGAL_FORM.sub("", without_city(name_key(name)))
    return core if len(core) >= 3 else ""


def find_by_name(name: str) -> Organisation | None:
    """The active firm or institution with this full name."""
    key = name_key(name)
    rows = Organisation.objects.filter(kind__in=["firm", "institution"], is_active=True)
    return next((row for row in rows.order_by("pk") if name_key(row.name) == key), None)


class PartyLookup:
    """The organisations and regions of the platform, read in two queries."""

    def __init__(self) -> None:
        organisations = list(
            Organisation.objects.filter(kind__in=["firm", "institution", "agency"]).select_related("stat_region")
        )
        self._by_name = {name_key(row.name): row for row in organisations}
        self._by_name |= {name_key(row.short_name): row for row in organisations if len(row.short_name) >= 4}
        self._by_code = {row.credit_code: row for row in organisations if row.credit_code}
        self._by_similarity = {similarity_key(row.name): row for row in organisations}
        self._regions = {}
        for region in Region.objects.all():
            for word in (region.name, *getattr(region, "aliases", "").split("、")):
                if word:
                    self._regions[word] = region

    def find(self, values: dict, side: str) -> Organisation | None:
        """The organisation on a side (`seller`, `buyer`) of a row, by its credit code or name."""
        by_code = self._by_code.get(values.get(f"{side}_code") or "")
        return by_code or self._by_name.get(name_key(values[side] or ""))

    def find_similar(self, name: str) -> Organisation | None:
        """An organisation with a similar name, for a name that no organisation has."""
        key = similarity_key(name)
        return None if not key or name_key(name) in self._by_name else self._by_similarity.get(key)

    def location(self, values: dict, side: str) -> dict:
        """{`<side>_region`, `is_<side>_local`} of a row: of its organisation, or as its column 所在地 says."""
        organisation = self.find(values, side)
        if organisation is not None:
            return {f"{side}_region": organisation.stat_region, f"is_{side}_local": organisation.is_local}
        return self._place(values, side)

    def stated_place(self, values: dict, side: str) -> bool | None:
        """Whether the column 所在地 names a place in the city; None if it says nothing."""
        return self._place(values, side)[f"is_{side}_local"]

    @staticmethod
    def _names_city(text: str) -> bool:
        return settings.CITY.short_name in text.replace(settings.CITY.province, "")

    def _place(self, values: dict, side: str) -> dict:
        text = (values.get(f"{side}_place") or "").strip()
        district = without_city(text)
        region = self._regions.get(district) or self._regions.get(text)
        if region is not None and not region.is_reporting:
            region = None
        is_local = None if not text else region is not None or self._names_city(text) or district in self._regions
        return {f"{side}_region": region, f"is_{side}_local": is_local}
