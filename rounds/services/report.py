"""The report of a round: draft from the figures, edit the text, recount, release."""

import hashlib
import secrets
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from accounts.models import User
from audit.services import record
from core.word_templates import WordTemplateError
from rounds.models import DockingRound, RoundReport
from rounds.papers.pdf import PdfRenderingError
from rounds.report.counting import count_figures, differences
from rounds.report.document import build_document
from rounds.report.pdf import report_pdf
from rounds.report.text import TITLES, section_texts
from rounds.report.word import report_word
from sheets.cells import clean_text

WRITE_PERMISSION = "rounds.write_roundreport"
MAX_SECTION_LENGTH = 4000
STATUSES_BEFORE_START = (DockingRound.Status.PREPARING, DockingRound.Status.GATHERING, DockingRound.Status.SCHEDULED)


@transaction.atomic
def draft_report(docking_round: DockingRound, *, by: User) -> RoundReport:
    """Create a version with the current figures and text; an existing draft is returned instead. Raises
    PermissionDenied, ValidationError before the round has begun."""
    _check(by)
    row = DockingRound.objects.select_for_update().select_related(None).get(pk=docking_round.pk)
    if row.status in STATUSES_BEFORE_START:
        raise ValidationError("“%(round)s”还没有开始，开始之后才能写总结。" % {"round": row})
    if row.status == DockingRound.Status.CANCELLED:
        raise ValidationError("“%(round)s”已经取消，没有可写的总结。" % {"round": row})
    draft = row.reports.drafts().first()
    if draft:
        return draft
    number = (row.reports.aggregate(last=Max("number"))["last"] or 0) + 1
    figures = count_figures(docking_round)
    report = RoundReport.objects.create(
        docking_round=docking_round,
        number=number,
        figures=figures,
        text=_initial_text(docking_round, figures),
        made_by=by,
    )
    record("起草活动总结", report, by=by)
    return report


def stale_figures(report: RoundReport) -> list[str]:
    """Return which figures of a report have changed since, as text."""
    return differences(report.figures, count_figures(report.docking_round))


@transaction.atomic
def edit_report(report: RoundReport, texts: dict[str, str], *, revision: int, by: User) -> None:
    """Change the text of sections ({section: text}); an empty section is left out of the report. Raises
    PermissionDenied, ValidationError."""
    row = _claim_draft(report, revision, by)
    text, changed = [], {}
    for section in row.text:
        new = clean_text(texts.get(section["key"], section["text"]), multiline=True)
        if len(new) > MAX_SECTION_LENGTH:
            raise ValidationError(
                "“%(title)s”超过 %(most)d 字，请缩短。" % {"title": TITLES[section["key"]], "most": MAX_SECTION_LENGTH}
            )
        if new != section["text"]:
            changed[str(TITLES[section["key"]])] = [section["text"], new]
        text.append(section | {"text": new})
    RoundReport.objects.filter(pk=row.pk).update(text=text)
    record("修改活动总结", row, by=by, changes=changed)


@transaction.atomic
def recount_report(report: RoundReport, *, revision: int, by: User) -> list[str]:
    """Update the figures. Unchanged texts are regenerated; edited texts stay, with the new sentence beside them.
    Returns the titles of sections to check. Raises PermissionDenied, ValidationError."""
    row = _claim_draft(report, revision, by)
    figures = count_figures(row.docking_round)
    changed = differences(row.figures, figures)
    now = section_texts(row.docking_round, figures)
    kept = {section["key"]: section for section in row.text}
    text, to_check = [], []
    for key, new in now.items():  # a draft from before a section was introduced gets it here
        section = kept.get(key, {"written": new, "text": new})
        is_own = section["text"] != section["written"]
        if is_own and new != section["written"]:
            to_check.append(str(TITLES[key]))
        text.append({"key": key, "written": new, "text": section["text"] if is_own else new})
    RoundReport.objects.filter(pk=row.pk).update(figures=figures, text=text, counted_at=timezone.now())
    record("更新活动总结的数字", row, by=by, changes={"figures": [None, changed]})
    return to_check


@transaction.atomic
def release_report(report: RoundReport, *, revision: int, by: User) -> RoundReport:
    """Render both files and close the version for good. Refused if its figures are stale. Raises PermissionDenied,
    ValidationError."""
    row = _claim_draft(report, revision, by)
    if stale := stale_figures(row):
        raise ValidationError(
            "统计之后数字有变化（%(details)s），没有发布。请先更新数字再发布。" % {"details": "；".join(stale[:5])}
        )
    row.status = RoundReport.Status.RELEASED
    released = build_document(row)
    try:
        files = {"word": (report_word(released), "docx"), "pdf": (report_pdf(released), "pdf")}
    except (PdfRenderingError, WordTemplateError) as problem:
        raise ValidationError("没有发布：%s" % problem) from problem
    for kind, (content, ending) in files.items():
        getattr(row, f"{kind}_file").save(f"{secrets.token_hex(16)}.{ending}", ContentFile(content), save=False)
    RoundReport.objects.filter(pk=row.pk, status=RoundReport.Status.DRAFT).update(
        status=RoundReport.Status.RELEASED,
        released_by=by,
        released_at=timezone.now(),
        word_file=row.word_file.name,
        pdf_file=row.pdf_file.name,
        checksums={kind: hashlib.sha256(content).hexdigest() for kind, (content, _ending) in files.items()},
    )
    row.refresh_from_db()
    record("发布活动总结", row, by=by, changes={"status": ["draft", "released"], "checksums": [None, row.checksums]})
    return row


def report_file(report: RoundReport, kind: str) -> bytes:
    """Return the "word" or "pdf" file: the stored one of a released report, else rendered from the draft. Raises
    PdfRenderingError, WordTemplateError."""
    if report.status == RoundReport.Status.RELEASED:
        with getattr(report, f"{kind}_file").open("rb") as file:
            content: bytes = file.read()
        return content
    return {"word": report_word, "pdf": report_pdf}[kind](build_document(report))


def _initial_text(docking_round: DockingRound, figures: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"key": key, "written": words, "text": words} for key, words in section_texts(docking_round, figures).items()
    ]


def _check(by: User) -> None:
    if not (by and by.scope.is_city and by.has_perm(WRITE_PERMISSION)):
        raise PermissionDenied("只有市级专员可以编写活动总结。")


def _claim_draft(report: RoundReport, revision: int, by: User) -> RoundReport:
    """Increment the revision of the draft and return its row. Raises ValidationError if the revision is not current."""
    _check(by)
    claimed = (
        RoundReport.objects.drafts()
        .filter(pk=report.pk, revision=revision)
        .update(revision=F("revision") + 1, edited_by=by, edited_at=timezone.now())
    )
    row = RoundReport.objects.select_related("docking_round__host", "edited_by").get(pk=report.pk)
    if claimed:
        return row
    if row.status == RoundReport.Status.RELEASED:
        raise ValidationError("这一版已经发布，不能再改。需要改的话，请起草新的一版。")
    raise ValidationError(
        "%(who)s刚刚改过这份总结，您的这一步没有生效。请看过现在的内容再改。" % {"who": row.edited_by or "同事"}
    )
