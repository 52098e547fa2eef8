"""Annual reports: begun, answered, reviewed by another person of the office, handed in, taken up again."""

import hashlib
import secrets
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import Membership, Organisation, Role, User
from annual_reports.contents import changes_since_review, content_of, last_answers, number_text, read_number
from annual_reports.layouts import ReportQuestion, report_questions
from annual_reports.models import AnnualReport, ReportFile, ReportVersion
from audit.services import record
from audit.transitions import transition
from core.personal_data import SECRET
from core.public_text import personal_data_message, personal_finds

if TYPE_CHECKING:
    from annual_reports.files import RenderedFile

Status = AnnualReport.Status
FIRST_YEAR = 2015
MOST_TEXT = 3000
MOST_NUMBER = Decimal(10**9)
UNREVIEWED: dict[str, Any] = {"reviewed_by": None, "reviewed_at": None, "is_self_reviewed": False, "reviewed": {}}


def require_office(report: AnnualReport, by: User) -> None:
    if report.institution_id not in by.scope.institution_ids:
        raise PermissionDenied("年度报告由本单位的专员办理。")


def likely_year() -> int:
    """The year whose report is due: until the end of June the one before, then the running one."""
    today = timezone.localdate()
    return today.year - 1 if today.month < 7 else today.year


def start_report(institution: Organisation, year: int, *, by: User) -> AnnualReport:
    """Begin the report of a year that has begun. Raises PermissionDenied, ValidationError if there is one."""
    if institution.pk not in by.scope.institution_ids:
        raise PermissionDenied("年度报告由本单位的专员办理。")
    if not FIRST_YEAR <= year <= timezone.localdate().year:
        raise ValidationError(f"年度请填 {FIRST_YEAR} 到 {timezone.localdate().year}。")
    with transaction.atomic():
        report, is_new = AnnualReport.objects.get_or_create(institution=institution, year=year)
        if not is_new:
            raise ValidationError(f"{year} 年度的报告已经建立了，请在列表里打开。")
        record("建立年度报告", report, by=by, changes={"year": [None, year]})
    return report


def save_answers(report: AnnualReport, values: Mapping[str, str], *, revision: int, by: User) -> None:
    """Store the answers of a draft. values: {key of a question: text}; others are kept.

    Raises PermissionDenied, ValidationError as {key: message} for a number that cannot be read, and if somebody else
    has saved since `revision` was shown.
    """
    require_office(report, by)
    questions, errors, answers = report_questions(), {}, dict(report.answers)
    for key, text in values.items():
        if key not in questions:
            continue
        try:
            answers[key] = _clean_answer(questions[key], text)
        except ValidationError as error:
            errors[key] = error
    if errors:
        raise ValidationError(errors)
    answers = {key: text for key, text in answers.items() if text}
    changed = [key for key in questions if answers.get(key) != report.answers.get(key)]
    transition(
        report,
        when={"status": Status.DRAFT, "revision": revision},
        values={"answers": answers, "revision": revision + 1, "filled_by": by},
        refusal=_not_saved,
        action="填写年度报告",
        by=by,
        changes={"answers": [None, len(changed)]},
    )


def _not_saved(report: AnnualReport) -> str:
    if not report.is_draft:
        return f"报告现在是“{report.get_status_display()}”，要先退回填报才能改。"
    return f"{report.filled_by} 刚刚保存过，您这次没有保存。请先看看现在的内容，再填一遍您的改动。"


def _clean_answer(question: ReportQuestion, text: str) -> str:
    text = text.replace("\x00", "").strip()
    if question.kind == "text":
        if len(text) > MOST_TEXT:
            raise ValidationError(f"“{question.label}”写了 {len(text)} 字，最多 {MOST_TEXT} 字。")
        if finds := [find for find in personal_finds(text) if find.kind in SECRET]:
            raise ValidationError(personal_data_message(finds))
        return text
    if not text:
        return ""
    number = read_number(text.translate(str.maketrans("０１２３４５６７８９．，", "0123456789.,")))
    if number is None or number < 0 or number > MOST_NUMBER:
        raise ValidationError(f"“{question.label}”填的“{text[:20]}”不是数。请填不小于 0 的数，例如 12。")
    if question.kind == "count" and number != number.to_integral_value():
        raise ValidationError(f"“{question.label}”填的“{text[:20]}”不是整数。请填整数，例如 12。")
    if number != round(number, 2):
        raise ValidationError(f"“{question.label}”填的“{text[:20]}”小数太多。请填到小数点后两位，单位万元。")
    return number_text(number)


def take_last_answers(report: AnnualReport, *, by: User) -> int:
    """Fill the empty numbers of a draft with last year's; texts are never taken over. Returns how many."""
    require_office(report, by)
    questions = report_questions()
    taken = {
        key: text
        for key, text in last_answers(report).items()
        if key in questions and questions[key].kind != "text" and not report.answers.get(key)
    }
    if taken:
        save_answers(report, taken, revision=report.revision, by=by)
    return len(taken)


def submit_report(report: AnnualReport, *, by: User) -> None:
    """填报中 → 待审核. Raises PermissionDenied, ValidationError with everything that is missing or does not add up."""
    require_office(report, by)
    if errors := content_of(report).errors:
        raise ValidationError(errors)
    transition(
        report,
        when={"status": Status.DRAFT, "revision": report.revision},
        values={"status": Status.CHECKING, "submitted_at": timezone.now(), "filled_by": by},
        refusal="报告刚刚被别人改过，请刷新页面看看。",
        action="提交年度报告审核",
        by=by,
        changes={"status": [Status.DRAFT, Status.CHECKING]},
    )


def is_alone(report: AnnualReport, user: User) -> bool:
    """Whether nobody else of the office could review."""
    rows = Membership.objects.filter(organisation=report.institution_id, role=Role.INSTITUTION, user__is_active=True)
    return not rows.exclude(user=user.pk).exists()


@transaction.atomic
def review_report(report: AnnualReport, *, shown: str, by: User) -> None:
    """待审核 → 已审核, with the numbers that the reviewer saw.

    shown: `numbers_hash` of the page. By another person than who submitted; by the same one only if the office has
    nobody else, and the report says so. Raises PermissionDenied, ValidationError.
    """
    require_office(report, by)
    is_self = report.filled_by_id == by.pk
    if is_self and not is_alone(report, by):
        raise PermissionDenied("您填报的报告请本单位的另一位专员审核。")
    content = content_of(report)
    if content.errors:
        raise ValidationError([*content.errors, "请退回填报，改好再审核。"])
    if shown != numbers_hash(content.figures):
        raise ValidationError("打开页面以后有数变了，请看看现在的数再审核。")
    transition(
        report,
        when={"status": Status.CHECKING, "revision": report.revision},
        values={
            "status": Status.REVIEWED,
            "reviewed_by": by,
            "reviewed_at": timezone.now(),
            "is_self_reviewed": is_self,
            "reviewed": content.figures,
        },
        refusal="报告不在“待审核”，或者刚刚被改过，请刷新页面看看。",
        action="审核年度报告",
        by=by,
        changes={"status": [Status.CHECKING, Status.REVIEWED]},
    )


def return_report(report: AnnualReport, *, reason: str, by: User) -> None:
    """Back to 填报中 from any other state, with a reason. Versions handed in stay. Raises ValidationError."""
    require_office(report, by)
    reason = reason.strip()
    if len(reason) < 2:
        raise ValidationError("退回请写明原因，例如“到账金额有一笔漏了”。")
    before = report.status
    transition(
        report,
        when={"status__in": [Status.CHECKING, Status.REVIEWED, Status.HANDED_IN]},
        values={"status": Status.DRAFT, "revision": report.revision + 1, **UNREVIEWED},
        refusal="报告已经在填报中。",
        action="退回年度报告",
        by=by,
        changes={"status": [before, Status.DRAFT], "reason": [None, reason[:200]]},
    )


@transaction.atomic
def hand_in(report: AnnualReport, *, by: User) -> ReportVersion:
    """已审核 → 已报送: keep a version with the files of every form.

    Raises PermissionDenied, ValidationError if a number has changed since the review, WordTemplateError.
    """
    from annual_reports.files import render_files  # loads openpyxl, which few processes need

    require_office(report, by)
    content = content_of(report)
    if changes := changes_since_review(report, content.figures):
        label, then, now = changes[0]
        raise ValidationError(
            f"审核以后有 {len(changes)} 个数变了，例如“{label}”审核时是 {then}，现在是 {now}。请退回填报，重新审核。"
        )
    transition(
        report,
        when={"status": Status.REVIEWED, "revision": report.revision},
        values={"status": Status.HANDED_IN},
        refusal="审核以后才能报送，或者刚刚已经报送了。请刷新页面看看。",
        action="报送年度报告",
        by=by,
        changes={"status": [Status.REVIEWED, Status.HANDED_IN]},
    )
    number = (report.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    version = ReportVersion.objects.create(
        report=report,
        number=number,
        content={"figures": content.figures, "answers": report.answers},
        handed_in_by=by,
        reviewed_by=report.reviewed_by,
        is_self_reviewed=report.is_self_reviewed,
    )
    for rendered in render_files(report, content.layouts, by=by, version=number):
        _keep(version, rendered)
    return version


def _keep(version: ReportVersion, rendered: "RenderedFile") -> None:
    row = ReportFile(
        version=version,
        layout=rendered.layout,
        name=rendered.name,
        content_type=rendered.content_type,
        sha256=hashlib.sha256(rendered.content).hexdigest(),
    )
    suffix = rendered.name.rpartition(".")[2]
    row.file.save(f"{secrets.token_hex(16)}.{suffix}", ContentFile(rendered.content), save=False)
    row.save(force_insert=True)


def numbers_hash(figures: Mapping[str, str]) -> str:
    """Names the numbers of a page, so that a review is of what was shown."""
    text = ";".join(f"{key}={figures[key]}" for key in sorted(figures))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
