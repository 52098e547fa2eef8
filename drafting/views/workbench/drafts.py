"""从文件起草: upload documents, confirm what was read of them, make a draft of an achievement."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Organisation
from accounts.requests import UserRequest
from achievements.models import Achievement
from core.file_validation import MAX_FILE_BYTES, safe_file_name, too_large_message
from core.pagination import PAGE_SIZE
from drafting.confirmation import MOST_TYPED, missing_labels, rows_of
from drafting.extraction import ocr
from drafting.field_readings import FIELD_KEYS, WAYS
from drafting.likeness import likely_same, other_drafts, registered_twins
from drafting.models import DocumentDraft
from drafting.services import drafts as services
from drafting.services.documents import MOST_FILES, add_documents

CONFIRMATION = "non_secret"
"""Name of the box that no field has."""


def _institutions(request: UserRequest) -> list[Organisation]:
    ids = request.user.scope.institution_ids
    if not ids:
        raise Http404
    return list(Organisation.objects.institutions().filter(pk__in=ids).order_by("name"))


# --- List and upload -------------------------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def document_drafts(request: UserRequest) -> HttpResponse:
    """The open drafts, and the form for documents. A file that is not accepted is not stored, nor the others."""
    institutions = _institutions(request)
    error = ""
    if request.method == "POST":
        try:
            drafts = _upload(request, institutions)
        except ValidationError as problem:
            error = "；".join(problem.messages)
        else:
            return redirect("document_draft", drafts[0].public_id) if len(drafts) == 1 else redirect("document_drafts")
    is_done = request.GET.get("done") == "1"
    rows = DocumentDraft.objects.visible_to(request.user)
    rows = rows.filter(status__in=["drafted", "added"]) if is_done else rows.open()
    rows = rows.select_related("institution", "started_by", "achievement").prefetch_related("documents")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page": page,
        "is_done": is_done,
        "is_reading": any(draft.is_reading for draft in page),
        "institutions": institutions,
        "error": error,
        "text": request.POST.get("text", "") if error else "",
        "most_files": MOST_FILES,
    }
    return render(request, "drafting/workbench/drafts.html", context, status=422 if error else 200)


def _upload(request: UserRequest, institutions: list[Organisation]) -> list[DocumentDraft]:
    uploads = request.FILES.getlist("files")
    if len(uploads) > MOST_FILES:
        raise ValidationError(f"一次最多 {MOST_FILES} 份，请分几次上传。")
    files = []
    for upload in uploads:
        if (upload.size or 0) > MAX_FILE_BYTES:
            raise ValidationError(too_large_message(safe_file_name(upload.name or "")))
        files.append((upload.name or "", upload.read()))
    chosen = request.POST.get("institution", "")
    institution = next((row for row in institutions if str(row.pk) == chosen), None)
    if institution is None:
        if len(institutions) > 1:
            raise ValidationError("请选择是哪个单位的成果。")
        institution = institutions[0]
    return add_documents(files, text=request.POST.get("text", ""), institution=institution, by=request.user)


# --- One draft -------------------------------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def document_draft(request: UserRequest, public_id: str) -> HttpResponse:
    """What was read, field by field. `save` keeps what was typed; `create` makes the draft of an achievement."""
    draft = _visible(request, public_id)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            _save(request, draft)
            if "create" in request.POST:
                achievement = services.create_draft(draft, non_secret=CONFIRMATION in request.POST, by=request.user)
                messages.success(request, "已建成草稿。请补上文档里没有的栏目和联系人，再提交审核。")
                return redirect("achievement_edit", public_id=achievement.public_id)
            messages.success(request, "已保存，可以稍后接着核对。")
            return redirect("document_draft", public_id=draft.public_id)
        except ValidationError as error:
            errors = _errors(error)
    return _render(request, draft, errors)


def _visible(request: UserRequest, public_id: str) -> DocumentDraft:
    drafts = DocumentDraft.objects.visible_to(request.user).select_related("institution", "started_by", "achievement")
    return get_object_or_404(drafts, public_id=public_id)


def _save(request: UserRequest, draft: DocumentDraft) -> None:
    typed = {}
    for key in FIELD_KEYS:
        if key == WAYS and f"is-{key}" in request.POST:
            typed[key] = "；".join(request.POST.getlist(f"f-{key}"))[:MOST_TYPED]
        elif f"f-{key}" in request.POST and key != WAYS:
            typed[key] = request.POST[f"f-{key}"].replace("\r\n", "\n").replace("\r", "\n").strip()
    confirmed = {key for key in FIELD_KEYS if f"ok-{key}" in request.POST}
    services.save_typed(draft, typed, confirmed, by=request.user)


def _errors(error: ValidationError) -> dict[str, str]:
    """{field key, CONFIRMATION or "": sentence}; other fields of an achievement stand with the page."""
    if not hasattr(error, "error_dict"):
        return {"": "；".join(error.messages)}
    errors: dict[str, str] = {}
    for key, texts in error.message_dict.items():
        place = key if key in FIELD_KEYS or key == CONFIRMATION else ""
        errors[place] = "；".join(filter(None, (errors.get(place, ""), *texts)))
    return errors


def _render(request: UserRequest, draft: DocumentDraft, errors: dict[str, str]) -> HttpResponse:
    draft = (
        DocumentDraft.objects.prefetch_related("documents")
        .select_related("institution", "started_by", "achievement")
        .get(pk=draft.pk)
    )
    is_open = draft.is_open and not draft.is_reading
    rows = rows_of(draft, by=request.user, errors=errors)
    context = {
        "draft": draft,
        "is_open": is_open,
        "rows": rows,
        "read_count": sum(not row.is_gap for row in rows),
        "gap_count": sum(row.is_gap and row.is_required for row in rows),
        "missing": missing_labels(draft) if is_open else [],
        "same": likely_same(draft) if is_open else [],
        "others": other_drafts(draft) if is_open else [],
        "twins": registered_twins(draft, by=request.user) if is_open else [],
        "errors": [(f"f-{key}" if key in FIELD_KEYS else key, text) for key, text in errors.items()],
        "non_secret_error": errors.get(CONFIRMATION, ""),
        "has_ocr": ocr.is_available(),
    }
    return render(request, "drafting/workbench/draft.html", context, status=422 if errors else 200)


# --- Steps -----------------------------------------------------------------------------------------------------------
@login_required
@require_POST
def document_draft_step(request: UserRequest, public_id: str) -> HttpResponse:
    """join or apart with `other` (a draft), add with `achievement`, or drop."""
    draft, action = _visible(request, public_id), request.POST.get("action", "")
    try:
        if action in {"join", "apart"}:
            other = _visible(request, request.POST.get("other", "")[:10])
            step = services.join_drafts if action == "join" else services.keep_apart
            step(draft, other, by=request.user)
            messages.success(request, "已合为一份。" if action == "join" else "已记为两项成果。")
        elif action == "add":
            own = Achievement.objects.managed_by(request.user)
            achievement = get_object_or_404(own, public_id=request.POST.get("achievement", "")[:10])
            services.add_to_achievement(draft, achievement, by=request.user)
            messages.success(request, f"文件已加到“{achievement}”，栏目没有改动，可对照原件修改。")
            return redirect("achievement_edit", public_id=achievement.public_id)
        elif action == "drop":
            services.drop_draft(draft, by=request.user)
            messages.success(request, "已删去这份起草和它的文件。")
            return redirect("document_drafts")
        else:
            raise Http404
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    return redirect("document_draft", public_id=draft.public_id)
