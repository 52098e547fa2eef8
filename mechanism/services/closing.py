"""Month-end close: one person checks the figures of a month, another signs them; later changes are restated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from audit.services import record
from audit.transitions import constraint_message, transition
from core.plain_text import clean_reason, clean_required_text
from mechanism.closing.authentic import authentic_of_month, authentic_of_year
from mechanism.closing.differences import Differences, find_differences, record_differences
from mechanism.closing.freezing import (
    check_values_against_rows,
    figure_definitions,
    freeze_rows,
    freeze_values,
)
from mechanism.closing.publication import public_content
from mechanism.closing.sealing import content_hash, rows_hash, seal_of, values_hash
from mechanism.closing.spans import parse_month, spans_of
from mechanism.kpi.period import Period
from mechanism.models import FigureVersion, FrozenFigure, FrozenRow, Restatement
from mechanism.services.measures import require_city_staff
from sheets.cells import clean_text

MAX_NOTE = 1000
EXAMPLE = "合同 10 月注销，登记部门 11 月才报来"
Status = FigureVersion.Status


@dataclass(frozen=True)
class Reasons:
    """Reasons of a restatement: by `RecordDifference.key`, and `rest` for the records without one of their own.

    `digest`: of the differences that the person saw.
    """

    by_record: Mapping[str, str] = field(default_factory=dict)
    rest: str = ""
    digest: str = ""


@dataclass(frozen=True)
class NextVersion:
    """What the next version of a month is compared with. `previous` is None for the first close of a year."""

    month: Period
    number: int
    previous: FigureVersion | None
    differences: Differences

    @property
    def is_restatement(self) -> bool:
        return self.previous is not None and self.previous.period == self.month.name


def next_version(month: Period) -> NextVersion:
    """The next version of a month and its differences from the last signed one. Raises ValidationError.

    The first version of a month is compared with the newest version of the last signed month of the year, a later one
    with the one before it.
    """
    latest = authentic_of_year(month.year).version
    own = authentic_of_month(month.name).version
    earlier = latest if latest and latest.last_on < month.last else None
    if own is None and latest and (later := latest).last_on > month.last:
        raise ValidationError(
            "%(later)s已经月结，%(month)s不能再补做。要改请更正%(later)s。"
            % {"later": later.month_label, "month": month.label}
        )
    previous = own or earlier
    differences = find_differences(previous) if previous else Differences()
    taken = FigureVersion.objects.signed().filter(period=month.name).aggregate(last=Max("number"))["last"]
    return NextVersion(month, (taken or 0) + 1, previous, differences)


def check_month(
    month_name: str, *, by: User, note: str = "", reasons: Reasons | None = None, at: datetime | None = None
) -> FigureVersion:
    """核对: freeze the figures of a month as a version that awaits the signature of somebody else.

    Every record that differs from the last signed version needs a reason. `at` is now unless demo data are loaded.
    Raises PermissionDenied, ValidationError.
    """
    _require(by, "check_figureversion")
    month = parse_month(month_name)
    waiting = FigureVersion.objects.awaiting_signature().filter(period=month.name).first()
    if waiting:
        raise ValidationError("%(version)s已经核对，正在等待签发。要重新核对请先撤回。" % {"version": waiting})
    planned = next_version(month)
    reasons = reasons or Reasons()
    note = clean_text(note, multiline=True)
    if len(note) > MAX_NOTE:
        raise ValidationError(
            "说明有 %(length)d 个字，最多 %(longest)d 个字。" % {"length": len(note), "longest": MAX_NOTE}
        )
    restatements = _restatements(planned, reasons)
    if planned.is_restatement:
        note = clean_required_text(note, "请写明这次更正的总的原因，例如“%s”。" % EXAMPLE, MAX_NOTE, name="更正说明")
    try:
        with transaction.atomic():
            version = _freeze(planned, restatements, by=by, note=note, at=at or timezone.now())
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, FigureVersion)) from None
    return version


def _restatements(planned: NextVersion, reasons: Reasons) -> list[Restatement]:
    differences = planned.differences
    if planned.is_restatement and not differences:
        raise ValidationError("%(version)s与现在的数没有差异，不需要更正。" % {"version": planned.previous})
    if not differences.is_complete:
        raise ValidationError("与上一版不同的记录太多，不能逐条更正。请先查明原因。")
    if differences and reasons.digest != differences.digest:
        raise ValidationError("您打开页面以后，与上一版的差异又有变化。请看过现在的差异再提交。")
    rows = []
    for difference in differences.records:
        reason = clean_text(reasons.by_record.get(difference.key, "")) or clean_text(reasons.rest)
        reason = clean_reason(reason, EXAMPLE)
        rows += [
            Restatement(
                row_set=change.row_set,
                object_id=change.object_id,
                kind=change.kind,
                before=change.before,
                after=change.after,
                reason=reason,
            )
            for change in difference.changes
        ]
    return rows


def _freeze(
    planned: NextVersion, restatements: list[Restatement], *, by: User, note: str, at: datetime
) -> FigureVersion:
    """Write the version with everything in it, then its hashes; from then on the database refuses changes."""
    year = spans_of(planned.month)[FrozenFigure.Span.YEAR]
    version = FigureVersion.objects.create(
        period=planned.month.name,
        last_on=planned.month.last,
        number=planned.number,
        previous=planned.previous,
        note=note,
        checked_by=by,
        checked_at=at,
        definitions=figure_definitions(year),
        public_report=public_content(year, planned.previous, planned.differences),
    )
    version.row_sets = freeze_rows(version, year)
    freeze_values(version, planned.month)
    check_values_against_rows(version)
    _require_same_differences(planned)
    for row in restatements:
        row.version = version
    Restatement.objects.bulk_create(restatements, batch_size=1000)
    version.rows_hash, version.row_count = rows_hash(version)
    version.values_hash = values_hash(version)
    version.content_hash = content_hash(version)
    version.save(update_fields=["row_sets", "rows_hash", "row_count", "values_hash", "content_hash"])
    changes = {"number": [None, version.number], "content_hash": [None, version.content_hash]}
    if restatements:
        changes["restatements"] = [None, len(restatements)]
    record("核对月结", version, by=by, changes=changes)
    return version


def _require_same_differences(planned: NextVersion) -> None:
    """After freezing: a record changed since the differences were read would be frozen without a reason."""
    if planned.previous and record_differences(planned.previous)[0] != list(planned.differences.records):
        raise ValidationError("核对的同时有记录被修改，差异又有变化。请看过现在的差异再提交。")


def withdraw_check(version: FigureVersion, *, by: User) -> None:
    """撤回核对: before the signature. The row stays, its contents go. Raises PermissionDenied, ValidationError."""
    _require(by, "check_figureversion")
    with transaction.atomic():
        transition(
            version,
            when={"status": Status.CHECKED},
            values={"status": Status.WITHDRAWN, "withdrawn_by": by, "withdrawn_at": timezone.now()},
            refusal=_not_waiting,
            action="撤回月结核对",
            by=by,
        )
        for model in (FrozenRow, FrozenFigure, Restatement):
            rows = model._base_manager.filter(version=version)
            rows._raw_delete(rows.db)


def sign_version(version: FigureVersion, *, by: User, content_hash: str, at: datetime | None = None) -> None:
    """签发: by somebody else than who checked. Refused if the counted rows have changed since the check.

    `content_hash`: of the version that the person saw. Raises PermissionDenied, ValidationError.
    """
    _require(by, "sign_figureversion")
    if version.checked_by_id == by.pk:
        raise ValidationError("核对人和签发人不能是同一个人，请另一位市级专员签发。")
    if version.status == Status.CHECKED:
        _require_unchanged(version, content_hash)
    version.signed_by, version.signed_at, version.office = by, at or timezone.now(), _office_of(by)
    values = {"signed_by": by, "signed_at": version.signed_at, "office": version.office, "seal": seal_of(version)}
    transition(
        version,
        when={"status": Status.CHECKED, "content_hash": content_hash},
        values={"status": Status.SIGNED, **values},
        refusal=_not_waiting,
        action="签发月结",
        by=by,
        changes={"status": [Status.CHECKED.value, Status.SIGNED.value], "content_hash": [None, content_hash]},
    )


def _require_unchanged(version: FigureVersion, seen: str) -> None:
    if version.content_hash != seen:
        raise ValidationError("您看到的不是现在等待签发的内容，请刷新页面再看一遍。")
    differences = find_differences(version)
    if differences:
        number = len(differences.records)
        what = f"有 {number} 条记录变了" if number else "数或口径变了"
        raise ValidationError("核对以后%(what)s，签发的数就不是现在的数。请撤回核对，重新核对一次。" % {"what": what})


def _not_waiting(version: FigureVersion) -> str:
    if version.status == Status.SIGNED:
        return f"{version}已由{version.signed_by}签发。"
    if version.status == Status.WITHDRAWN:
        return f"{version}的核对已由{version.withdrawn_by}撤回。"
    return f"{version}的内容已不是您看到的，请刷新页面。"


def _office_of(user: User) -> str:
    """The organisation for which a city officer signs."""
    membership = user.memberships.filter(role="city_officer").select_related("organisation").order_by("pk").first()
    if membership is None:
        raise ValidationError("您的账号不属于任何市级单位，不能签发。请管理员把您加入单位。")
    return membership.organisation.name


def _require(by: User, permission: str) -> None:
    require_city_staff(by)
    if not by.has_perm(f"mechanism.{permission}"):
        raise PermissionDenied("您没有这项权限，请与系统管理员联系。")
