"""Items of an institution that its new sheet does not name. They are asked about and never withdrawn by themselves."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from achievements.imports import normalized_title
from achievements.models import Achievement, SheetImport
from achievements.services.lifecycle import pause_achievement, withdraw_achievement
from achievements.services.publication import VALIDITY_YEARS, renew_achievement, years_later
from audit.services import record

STILL, PAUSE, WITHDRAW = "still", "pause", "withdraw"
"""仍有: offered for another term; 暂停对接; 下架."""
_SHARE = 3  # a sheet that names less than a third of its rows in the registry is no sheet of last year


def absent_items(sheet_import: SheetImport, by: User) -> QuerySet[Achievement]:
    """Offered items of the user's institutions that the sheet does not name and that are not answered yet.

    Empty for the city, and unless a third of the sheet's rows are in the registry. "仍有" renews an item, so what was
    renewed since the upload is answered.
    """
    if by.scope.is_city or sheet_import.is_running:
        return Achievement.objects.none()
    known = sheet_import.rows.filter(achievement__isnull=False).count()
    if not known or known * _SHARE < sheet_import.read_count:
        return Achievement.objects.none()
    until = years_later(timezone.localdate(sheet_import.started_at), VALIDITY_YEARS)
    offered = (
        Achievement.objects.filter(institution__in=by.scope.institution_ids, status__in=Achievement.OFFERED)
        .filter(Q(expires_on__isnull=True) | Q(expires_on__lt=until))
        .exclude(pk__in=sheet_import.rows.filter(achievement__isnull=False).values("achievement"))
    )
    # An open row names an item by its title before it is known to be this item.
    named = {normalized_title(title) for title in sheet_import.rows.values_list("title", flat=True)}
    absent = [pk for pk, title in offered.values_list("pk", "title") if normalized_title(title) not in named]
    return Achievement.objects.filter(pk__in=absent).order_by("title", "pk")


def answer_absent(
    sheet_import: SheetImport, answer: str, *, by: User, items: Iterable[int] | None = None, reason: str = ""
) -> tuple[int, list[str]]:
    """Answer for `items` (ids), or with None "仍有" for all. Returns how many, and why others were not changed.

    Raises ValidationError without items, for an unknown answer, and for pausing or withdrawing all at once.
    """
    rows = absent_items(sheet_import, by)
    if not answer:
        raise ValidationError("请点“仍有”“暂停对接”或“下架”。")
    if answer not in {STILL, PAUSE, WITHDRAW} or (items is None and answer != STILL):
        raise ValidationError("请先勾选成果；暂停和下架要逐项勾选。")
    if items is not None:
        rows = rows.filter(pk__in=list(items))
    count, problems = 0, []
    for achievement in list(rows):
        try:
            with transaction.atomic():
                _answer_one(achievement, answer, by, reason)
            count += 1
        except (ValidationError, PermissionDenied) as error:
            problems += [f"“{achievement}”：{text}" for text in getattr(error, "messages", [str(error)])]
    if not count and not problems:
        raise ValidationError("没有勾选成果，或刚刚已经答过。")
    if count:
        record("导入表格：表里没有的成果", sheet_import.source_file, by=by, changes={answer: [None, count]})
    return count, problems


def _answer_one(achievement: Achievement, answer: str, by: User, reason: str) -> None:
    if answer == STILL:
        renew_achievement(achievement, by=by)
    elif answer == PAUSE:
        pause_achievement(achievement, by=by, reason=reason)
    else:
        withdraw_achievement(achievement, by=by, reason=reason)
