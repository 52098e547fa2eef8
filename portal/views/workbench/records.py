"""Achievements and demands of the user's organisations: list, forms, submission, likely duplicates."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Model, Sum
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Organisation
from accounts.requests import UserRequest
from achievements.forms import AttachmentForm
from achievements.models import Achievement
from core.pagination import PAGE_SIZE
from core.search_results import LONGEST_QUERY
from demands.forms import DemandFileForm, DemandForm
from demands.models import Demand, DemandReading
from demands.permissions import owns
from drafting.models import documents_of
from matching import duplicates as duplicate_detection
from matching.demand_hints import industry_hint, missing_hint
from matching.demand_progress import achievement_progress, demand_progress
from matching.trial_match import MOST_CHARS
from portal import form_display, reader_help, writing_partner
from portal.exposure_help import FIX, confirm_if_ticked, exposure_help, with_proposal
from portal.kept_problem import FORGET_KEPT, forget_problem, kept_problem
from portal.kept_typing import with_saved_draft
from portal.record_kinds import DEMAND, RecordKind, status_counts, with_status
from portal.record_list import RecordListFilter, filter_options
from portal.record_steps import RecordStep, offered_steps
from portal.views.workbench.record_steps import confirm_submission, without_colleagues

SKIPPED_ON_SUBMIT = "另有 %d 项没有提交：已经提交过，或者是匿名需求，要先打开确认。"
COMPARED_FIELDS = {"achievement": ("summary", "innovation", "scenario"), "demand": ("problem", "goal")}
"""The text fields compared, besides the title, to find duplicates."""


# --- List --------------------------------------------------------------------------------------------------------
@login_required
@require_safe
def my_records(request: UserRequest, kind: RecordKind) -> HttpResponse:
    """The records of the user's own organisations: searched, filtered, with a status, with steps for ticked ones."""
    chosen, labels = RecordListFilter.of(kind, request.GET), kind.status_labels()
    own = kind.owned_by(request.user)
    total = own.count()
    counts = status_counts(chosen.narrow(own))
    records, status = chosen.apply(own).select_related("industry"), chosen.status
    paginator = Paginator(records, PAGE_SIZE)
    paginator.count = counts.get(status, 0) if status else sum(counts.values())  # saves a query
    page = paginator.get_page(request.GET.get("page"))
    progress = demand_progress(page) if kind is DEMAND else achievement_progress(page)
    returned = set(records.returned().filter(pk__in=[record.pk for record in page]).values_list("pk", flat=True))
    context = {
        "kind": kind,
        "status": status,
        "chosen": chosen,
        "total": total,
        "matching": sum(counts.values()),
        "steps": _list_steps(request, kind, {record.status for record in page}),
        **filter_options(kind, request.user),
        "tabs": [(value, label, counts.get(value, 0)) for value, label in labels.items() if counts.get(value)],
        "bulk": [
            (value, labels[value], counts[value])
            for value in kind.bulk_statuses
            if counts.get(value) and status in {"", value} and not chosen.narrows
        ],
        "page": page,
        "rows": [
            {
                "record": record,
                "progress": progress[record.pk],
                "owner": getattr(record, kind.owner_field),
                "is_returned": record.pk in returned,
                "is_editable": kind.is_editable(record, request.user),
                "is_submittable": kind.is_submittable(record, request.user),
                "edit_url": kind.edit_url(record),
                "submit_url": kind.submit_url(record),
            }
            for record in page
        ],
        "may_create": kind.may_create(request.user),
        "is_agent": not kind.is_creator(request.user.scope) and kind.clients(request.user).exists(),
    }
    return render(request, "portal/workbench/my_records.html", context)


@login_required
@require_POST
def submit_records(request: UserRequest, kind: RecordKind) -> HttpResponse:
    """Submit the ticked records (`chosen`, public ids), or all with one status (`all=draft`).

    Of all with a status those that colleagues entered are left out, except the ticked ones (`also`, public ids).
    """
    own = kind.owned_by(request.user)
    status = request.POST.get("all", "")
    if status in kind.bulk_statuses:
        chosen = with_status(own, status)
        if "confirmed" not in request.POST and chosen.exists():
            return confirm_submission(request, kind, chosen, status)
        chosen = without_colleagues(kind, chosen, request.user, request.POST.getlist("also"))
    else:
        public_ids = set(request.POST.getlist("chosen"))
        chosen = own.filter(public_id__in=public_ids)
        if chosen.count() != len(public_ids):
            raise Http404
        if not public_ids:
            messages.warning(request, f"请先勾选要提交的{kind.noun}。")
            return redirect(kind.list_url)
    number = chosen.count()
    submitted = kind.submit_many(chosen, by=request.user) if number else 0
    if submitted:
        messages.success(request, f"已提交 {submitted} 项{kind.noun}，等待{kind.reviewer}审核。")
    if submitted < number or not number:
        messages.warning(request, SKIPPED_ON_SUBMIT % (number - submitted) if submitted else "这些都已经提交过了。")
    return redirect(kind.list_url)


# --- Form --------------------------------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_record(request: UserRequest, kind: RecordKind) -> HttpResponse:
    _require_may_create(request, kind)
    return _handle_form(request, kind)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_record(request: UserRequest, kind: RecordKind, public_id: str) -> HttpResponse:
    return _handle_form(request, kind, _managed_record(request, kind, public_id))


@login_required
@require_POST
def submit_record(request: UserRequest, kind: RecordKind, public_id: str) -> HttpResponse:
    """Submit the record as it is stored."""
    return _submit(request, kind, _managed_record(request, kind, public_id))


@login_required
@require_POST
def likely_duplicates(request: UserRequest, kind: RecordKind) -> HttpResponse:
    """A fragment for the form: records visible to the user that may be the same as the typed one, or nothing."""
    _require_may_create(request, kind)
    edited = kind.managed_by(request.user).filter(public_id=request.POST.get("itself", "")[:10]).first()
    text = "\n".join(request.POST.get(field, "") for field in COMPARED_FIELDS[kind.name])
    duplicates = duplicate_detection.likely_duplicates(
        kind.name,
        request.POST.get("title", "")[:200],
        text[:MOST_CHARS],
        user=request.user,
        itself=edited.pk if edited else None,
    )
    return render(request, "portal/workbench/_duplicates.html", {"kind": kind, "duplicates": duplicates})


@login_required
@require_POST
def demand_exposure(request: UserRequest) -> HttpResponse:
    """A fragment for the form: how well the demand, as typed, hides its firm. Stores nothing."""
    _require_may_create(request, DEMAND)
    record = DEMAND.managed_by(request.user).filter(public_id=request.POST.get("itself", "")[:10]).first()
    form = DEMAND.form_class(request.POST, instance=record, by=request.user)
    shown = exposure_help(form, _stored(request, DEMAND, record), request.user)
    return render(request, "portal/workbench/_exposure.html", {"exposure": shown})


def _require_may_create(request: UserRequest, kind: RecordKind) -> None:
    if not kind.may_create(request.user):
        raise PermissionDenied(f"录入{kind.noun}需要{kind.officer_title}的账号。")


def _managed_record(request: UserRequest, kind: RecordKind, public_id: str) -> Model:
    return get_object_or_404(kind.managed_by(request.user), public_id=public_id)


def _handle_form(request: UserRequest, kind: RecordKind, record: Model | None = None) -> HttpResponse:
    if request.method != "POST":
        is_editable = record is None or kind.is_editable(record, request.user)
        form = _fresh_form(request, kind, record) if is_editable else None
        return _render_form(request, kind, record, form)
    if record is not None and not kind.editable_statuses(record, request.user):
        raise PermissionDenied(f"您只能查看这项{kind.noun}，不能修改。")
    if (response := _assist(request, kind, record)) is not None:
        return response
    form = kind.form_class(request.POST, instance=record, by=request.user)
    if form.is_valid() and (saved := form.save()):
        if isinstance(saved, Demand):
            confirm_if_ticked(request.POST, saved, by=request.user)
            if record is None:
                forget_problem(request.session)
        if "submit" in request.POST:
            return with_saved_draft(_submit(request, kind, saved), request.POST)
        messages.success(request, getattr(form, "saved_message", f"已保存“{saved.title}”。"))
        _hint_at_missing_details(request, saved)
        return with_saved_draft(redirect(kind.edit_url(saved)), request.POST)
    return _render_invalid_form(request, kind, record, form)


def _assist(request: UserRequest, kind: RecordKind, record: Model | None) -> HttpResponse | None:
    """The form after a button that helps to fill it, or None for a button that saves. Nothing is stored."""
    if prefix := request.POST.get("another"):
        data = form_display.with_extra_row(request.POST, prefix)
        form = form_display.without_errors(kind.form_class(data, instance=record, by=request.user))
        return _render_form(request, kind, _stored(request, kind, record), form)
    if FIX in request.POST and isinstance(record, Demand | None) and kind.model is Demand:
        data = with_proposal(request.POST, request.POST[FIX])
        form = form_display.without_errors(kind.form_class(data, instance=record, by=request.user))
        return _render_form(request, kind, _stored(request, kind, record), form)
    if FORGET_KEPT in request.POST:
        forget_problem(request.session)
        return redirect(kind.new_url)
    if kind.model is Demand and (action := writing_partner.wanted_action(request.POST)):
        return _use_partner(request, kind, record, action)
    if action := reader_help.wanted_action(request.POST):
        return _ask_reader(request, kind, record, action)
    return None


def _fresh_form(request: UserRequest, kind: RecordKind, record: Model | None) -> Form:
    """The form of the stored record, or a new one with the problem that was asked on the public page."""
    kept = kept_problem(request.session) if kind is DEMAND and record is None else None
    if kept is None:
        # What was searched for without a hit, see templates/portal/public/_search_offers.html.
        initial = _initial_demand(request) if kind is DEMAND and record is None else {}
        return kind.form_class(instance=record, by=request.user, initial=initial)
    return DEMAND.form_class(by=request.user, initial=kept["fields"], indicators=kept["indicators"])


def _initial_demand(request: UserRequest) -> dict:
    """The words of the search, and the client for which an agent opens the form; the form offers only known firms."""
    words = request.GET.get("problem", "")[:LONGEST_QUERY]
    client = Organisation.objects.firms().filter(public_id=request.GET.get("firm", "")[:10]).first()
    return ({"problem": words} if words else {}) | ({"firm": client.pk} if client else {})


def _use_partner(request: UserRequest, kind: RecordKind, record: Model | None, action: str) -> HttpResponse:
    """Show the form with what the writing partner offers, or with accepted offers. Nothing is stored."""
    if record is not None and not kind.is_editable(record, request.user):
        raise PermissionDenied("这项需求现在不能修改。")
    data, error = writing_partner.posted_data(request.POST, request.FILES, action, by=request.user)
    form = form_display.without_errors(kind.form_class(data, instance=record, by=request.user))
    if action == writing_partner.ACCEPT_ALL:
        data = writing_partner.with_all_accepted(data, writing_partner.partner_help(form, user=request.user))
        form = form_display.without_errors(kind.form_class(data, instance=record, by=request.user))
    partner = writing_partner.partner_help(form, user=request.user, compares=not error)
    partner.error = error
    status = 422 if error else 200
    return _render_form(request, kind, _stored(request, kind, record), form, status=status, partner=partner)


def _ask_reader(request: UserRequest, kind: RecordKind, record: Model | None, action: str) -> HttpResponse:
    """Show the form with what a language model proposes for it. Nothing is stored."""
    shown = reader_help.reader_help(kind, request.POST)
    if shown is None or (action == reader_help.FILL and record is not None):
        raise Http404
    if record is not None and not kind.is_editable(record, request.user):
        raise PermissionDenied(f"这项{kind.noun}现在不能修改。")
    reader_help.act(shown, action, kind, record, request.FILES.get("document"), by=request.user)
    form = form_display.without_errors(kind.form_class(shown.data, instance=record, by=request.user))
    status = 422 if shown.error else 200
    return _render_form(request, kind, _stored(request, kind, record), form, status=status, shown=shown)


def _submit(request: UserRequest, kind: RecordKind, record: Model) -> HttpResponse:
    try:
        kind.submit(record, by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect(kind.edit_url(record))
    messages.success(request, f"已提交“{record.title}”，现在是“{record.get_status_display()}”。")
    _hint_at_missing_details(request, record)
    is_own = getattr(record, f"{kind.owner_field}_id") in kind.organisations_of(request.user)
    return redirect(kind.list_url if is_own else kind.edit_url(record))


def _hint_at_missing_details(request: UserRequest, record: Model) -> None:
    """Say what a demand should state in addition to be matched well. It is a hint: the record is stored."""
    if isinstance(record, Demand) and (hint := missing_hint(record) + industry_hint(record)):
        messages.info(request, hint)


def _list_steps(request: UserRequest, kind: RecordKind, statuses: set[str]) -> list[RecordStep]:
    """The steps for ticked records; an agent submits, everything else is the owner's own."""
    is_owner = bool(kind.owner_ids(request.user.scope))
    return [step for step in offered_steps(kind, statuses) if is_owner or step.name == "submit"]


def _item_steps(request: UserRequest, kind: RecordKind, record: Model | None) -> list[RecordStep]:
    """The steps of the owner's list for this record; submission has its own button on the form."""
    if record is None or getattr(record, f"{kind.owner_field}_id") not in kind.owner_ids(request.user.scope):
        return []
    return [step for step in offered_steps(kind, [record.status]) if step.name != "submit"]


def _stored(request: UserRequest, kind: RecordKind, record: Model | None) -> Model | None:
    """The record as stored: the validation of a model form writes the typed values to its instance."""
    return record and kind.managed_by(request.user).get(pk=record.pk)


def _render_invalid_form(request: UserRequest, kind: RecordKind, record: Model | None, form: Form) -> HttpResponse:
    """Show the form with its errors.

    After a concurrent edit the page shows the stored values beside the typed ones, and the form gets the new version,
    so that the next save overwrites it.
    """
    differences = None
    record = _stored(request, kind, record)
    if record is not None:
        stored_form = kind.form_class(instance=record, by=request.user)
        version = str(stored_form[kind.version_field].value())
        if form.data.get(kind.version_field) != version:
            differences = form_display.differences(form, stored_form)
            form_display.set_bound_value(form, kind.version_field, version)
    errors = form_display.form_errors(form)
    return _render_form(request, kind, record, form, status=422, errors=errors, differences=differences)


def _render_form(
    request: UserRequest,
    kind: RecordKind,
    record: Model | None,
    form: Form | None,
    *,
    status: int = 200,
    errors: list[form_display.FormError] = (),
    differences: list[form_display.FieldDifference] | None = None,
    shown: reader_help.ReaderHelp | None = None,
    partner: writing_partner.PartnerHelp | None = None,
) -> HttpResponse:
    """`form` is None where the user may only read the record, `differences` where no concurrent edit happened."""
    if partner is None and isinstance(form, DemandForm):
        partner = writing_partner.partner_help(form, user=request.user)
    context = {
        "partner": partner,
        "is_kept": bool(form and kind is DEMAND and record is None and kept_problem(request.session)),
        "kind": kind,
        "record": record,
        "title": record.title if record else kind.create_label,
        "form": form,
        "errors": errors,
        "is_stale": differences is not None,
        "differences": differences or (),
        "is_submittable": record is None or kind.is_submittable(record, request.user),
        "list_url": kind.list_url if kind.organisations_of(request.user) else "",
        "item_steps": _item_steps(request, kind, record),
        "attachments": None,
        "files": None,
        "exposure": exposure_help(form, record, request.user) if form and kind.model is Demand else None,
        "reader": shown or reader_help.reader_help(kind, request.POST),
    }
    if kind.model is Achievement and record:
        context["attachments"] = record.attachments.kept()
        context["attachment_form"] = AttachmentForm() if form else None
        context["source_documents"] = documents_of(record, user=request.user)
    if kind.model is Demand and record:
        is_agent = request.user.scope.is_broker and not owns(request.user, record.firm)
        context["files"] = record.files.none() if is_agent else record.files.kept()
        context["file_form"] = DemandFileForm() if owns(request.user, record.firm) else None
        context["readers"] = DemandReading.objects.filter(demand=record).aggregate(Sum("times"))["times__sum"]
    return render(request, "portal/workbench/record_form.html", context, status=status)
