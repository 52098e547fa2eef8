"""Whom a list means by a name: organisations of the platform by credit code or name, and names that are merely near."""

import re
from collections.abc import Iterable

from accounts.models import Organisation, Region
from sheets.cells import fold

_NOISE = re.compile(r"[\s()（）〔〕\[\]·.,，。、\-—]")
_FORM = re.compile(r"(股份有限公司|有限责任公司|有限公司|总公司|公司|集团)")
_PLACE = re.compile(r"^(辽宁省|辽宁)?(大连市|大连)?")


def name_key(name: str) -> str:
    """By which two names of organisations are the same: width, case, blanks and brackets do not tell them apart."""
    return _NOISE.sub("", fold(name))


def near_key(name: str) -> str:
    """By which two names are near: also without the legal form and the city in front; empty where little is left."""
    bare = _FORM.sub("", _PLACE.sub("", name_key(name)))
    return bare if len(bare) >= 3 else ""


class Parties:
    """The organisations that checked rows name, read in two queries."""

    def __init__(self, rows: Iterable = ()):
        found = list(
            Organisation.objects.filter(kind__in=["firm", "institution", "agency"]).select_related("stat_region")
        )
        self._by_name = {name_key(one.name): one for one in found}
        self._by_name |= {name_key(one.short_name): one for one in found if len(one.short_name) >= 4}
        self._by_code = {one.credit_code: one for one in found if one.credit_code}
        self._near = {near_key(one.name): one for one in found}
        self._regions = {}
        for region in Region.objects.all():
            for word in (region.name, *getattr(region, "aliases", "").split("、")):
                if word:
                    self._regions[word] = region

    def of(self, values: dict, side: str) -> Organisation | None:
        """Who is meant on a side (`seller`, `buyer`) of a row, for certain."""
        by_code = self._by_code.get(values.get(f"{side}_code") or "")
        return by_code or self._by_name.get(name_key(values[side] or ""))

    def near(self, name: str) -> Organisation | None:
        """Who may be meant by a name that is nobody's."""
        key = near_key(name)
        return None if not key or name_key(name) in self._by_name else self._near.get(key)

    def place(self, values: dict, side: str) -> dict:
        """{side_region, is_side_local} of a row: of its organisation, or as far as its 所在地 says."""
        organisation = self.of(values, side)
        if organisation is not None:
            return {f"{side}_region": organisation.stat_region, f"is_{side}_local": organisation.is_local}
        words = (values.get(f"{side}_place") or "").strip()
        bare = re.sub(r"^(辽宁省|辽宁)?(大连市|大连)?", "", words)
        region = self._regions.get(bare) or self._regions.get(words)
        if region is not None and not region.is_reporting:
            region = None
        is_local = None if not words else region is not None or "大连" in words or bare in self._regions
        return {f"{side}_region": region, f"is_{side}_local": is_local}
