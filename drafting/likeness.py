"""Drafts and registered achievements that may be the same achievement: proposed to the office, never decided."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.db.models import Q

from accounts.models import User
from achievements.models import Achievement
from drafting.extraction.lines import fold
from drafting.models import DocumentDraft, DraftDocument

MIN_RATIO = 0.72
MOST_COMPARED, MOST_OFFERED = 200, 50
_BEGINNING = re.compile(r"^(?:一种|一类|一套|基于)?(?:用于)?")
_END = re.compile(r"(?:的)?(?:制备)?(?:方法|装置|系统|工艺|技术|设备|产品)?(?:及其?(?:制备方法|应用|方法|装置|系统))?$")


@dataclass(frozen=True)
class LikelySame:
    draft: DocumentDraft
    reason: str


@dataclass(frozen=True)
class RegisteredTwin:
    """achievement: None for one that the user may not see. is_own: of the user's institution and open for changes."""

    achievement: Achievement | None
    number: str
    is_own: bool


def bare_number(number: str) -> str:
    """The digits of a patent number, without ZL or CN and its check digit."""
    return re.sub(r"^(?:ZL|CN)|[.].$|\s", "", number.upper())


def numbers_of(documents: Iterable[DraftDocument]) -> dict[str, str]:
    """{digits: number as written} of the patents in documents."""
    return {bare_number(number): number for document in documents for number, _title in document.rights}


def likely_same(draft: DocumentDraft) -> list[LikelySame]:
    """Open drafts of the institution with a common patent number or a similar title."""
    others = DocumentDraft.objects.open().filter(institution=draft.institution_id).exclude(pk=draft.pk)
    others = others.exclude(public_id__in=draft.kept_apart).prefetch_related("documents")[:MOST_COMPARED]
    numbers, title = numbers_of(draft.documents.all()), draft.title if draft.text_of("title") else ""
    same = []
    for other in others:
        common = [number for digits, number in numbers_of(other.documents.all()).items() if digits in numbers]
        if common:
            same.append(LikelySame(other, f"都写着专利号 {common[0]}"))
        elif title and other.text_of("title") and similar_titles(title, other.text_of("title")):
            same.append(LikelySame(other, "名称相近"))
    return same


def other_drafts(draft: DocumentDraft) -> list[DocumentDraft]:
    """Open drafts of the institution that the office may say to be the same, whatever they are called."""
    others = DocumentDraft.objects.open().filter(institution=draft.institution_id).exclude(pk=draft.pk)
    return list(others.prefetch_related("documents")[:MOST_OFFERED])


def similar_titles(first: str, second: str) -> bool:
    first, second = _core(first), _core(second)
    if not first or not second:
        return False
    short, long = sorted((first, second), key=len)
    if len(short) >= 6 and short in long:
        return True
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= MIN_RATIO


def _core(title: str) -> str:
    return _END.sub("", _BEGINNING.sub("", fold(title)))


def registered_twins(draft: DocumentDraft, *, by: User) -> list[RegisteredTwin]:
    """Achievements in the registry with a patent number of the draft; of others' only what the user may see."""
    registered = []
    for digits, number in numbers_of(draft.documents.all()).items():
        if len(digits) < 8:
            continue
        rows = Achievement.objects.filter(_has_number(digits)).exclude(status=Achievement.Status.WITHDRAWN).distinct()
        visible = list(rows.visible_to(by)[:5])
        registered += [RegisteredTwin(row, number, row.institution_id in by.scope.institution_ids) for row in visible]
        if not visible and rows.exists():
            registered.append(RegisteredTwin(None, number, False))
    return registered


def _has_number(digits: str) -> Q:
    return Q(intellectual_property__number__contains=digits)
