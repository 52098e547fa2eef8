"""What every admin of this site shares: rows within the staff member's scope, no delete, each edit in the trail."""

from django.contrib import messages
from django.contrib.admin import display
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import URLField
from django.forms import CharField
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRedirect, reselect, retarget
from unfold.admin import ModelAdmin
from unfold.checks import UnfoldModelAdminChecks
from unfold.dataclasses import ActionDialog
from unfold.forms import BaseDialogForm
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminTextareaWidget

from audit.changes import changes_of, told
from audit.models import AuditRecord
from audit.services import record
from audit.stale_forms import knowing_its_version
from sheets.cells import clean_text


class ReasonField(CharField):
    def to_python(self, value):
        return clean_text(super().to_python(value))  # of nothing that can be seen, it is no reason


class ReasonForm(BaseDialogForm):
    reason = ReasonField(
        label=gettext_lazy("理由"), max_length=200, widget=UnfoldAdminTextareaWidget({"rows": 3, "required": True})
    )


def confirm(title: str, description: str = "", submit: str = "") -> ActionDialog:
    """The `dialog=` of a detail action that changes something: without it unfold would do it on a bare GET."""
    return {"title": title, "description": description, "form_submit_text": submit or gettext_lazy("确定")}


def with_reason(title: str, description: str = "", submit: str = "", form_class=ReasonForm) -> ActionDialog:
    """Like `confirm`, and asks for `form.cleaned_data["reason"]`."""
    return confirm(title, description, submit) | {"form_class": form_class}


def without_link(model, field: str):
    """A read-only column for a related row: Django would link to its form, which not every reader may open."""
    return display(description=model._meta.get_field(field).verbose_name)(lambda self, obj: getattr(obj, field))


class ChecksWithoutDatabase(UnfoldModelAdminChecks):
    def _check_unfold_action_permission_methods(self, obj):
        """Unfold looks permissions up in the database, which `migrate` has yet to fill; a test does it instead."""
        return []


class StaffChangeList(ChangeList):
    def __init__(self, *args, **kwargs):
        """A filter in the address that no column can be compared with (NUL, the year 10^20) is a wrong filter."""
        try:
            super().__init__(*args, **kwargs)
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters(error) from error


class StaffAdmin(ModelAdmin):
    """Base of every ModelAdmin here; published to the apps above."""

    checks_class = ChecksWithoutDatabase
    list_filter_submit = True
    list_per_page = 50
    empty_value_display = "—"
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    warn_unsaved_form = True
    compressed_fields = True
    change_form_before_template = "admin/hidden_fields.html"
    records_edits = True
    """Whether a saved form goes into the trail here; False where `save_model` calls a service that does it."""
    private_fields = frozenset({"phone", "email", "contact_name", "contact_phone", "contact_email", "password"})
    """Fields whose values never reach the audit trail; it says only that they changed."""

    def managed_by(self, queryset, user):
        """The rows this staff member works with: the model's `managed_by`, or else what they may see (law 1)."""
        return queryset.managed_by(user) if hasattr(queryset, "managed_by") else queryset.visible_to(user)

    def get_queryset(self, request):
        return self.managed_by(super().get_queryset(request), request.user)

    def get_object(self, request, object_id, from_field=None):
        """Two who save at the same moment come one after the other: the second is told what the first changed."""
        obj = super().get_object(request, object_id, from_field)
        if obj is None or request.method != "POST" or not connection.in_atomic_block:
            return obj
        self.model._base_manager.select_for_update().filter(pk=obj.pk).values_list("pk").first()
        return super().get_object(request, object_id, from_field)

    def get_changelist(self, request, **kwargs):
        return StaffChangeList

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        is_shown = obj is not None and kwargs.get("fields") is not None  # and not asked only for its fields
        return knowing_its_version(form) if is_shown else form

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """Offer, and accept, only related rows the staff member may see."""
        related = db_field.remote_field.model._default_manager
        if "queryset" not in kwargs and hasattr(related.all(), "visible_to"):
            kwargs["queryset"] = related.visible_to(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_delete_permission(self, request, obj=None):
        return False  # law 6: nothing is destroyed

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if not self.records_edits:
            return
        changes = changes_of(form, formsets, private=self.private_fields, new=not change)
        if changes or not change:
            record(_("修改") if change else _("新建"), form.instance, by=request.user, changes=changes)

    def log_addition(self, request, obj, message):
        """Django's own log would be a second trail that can be edited; ours has the values too."""

    def log_change(self, request, obj, message):
        """See `log_addition`."""

    def history_view(self, request, object_id, extra_context=None):
        """What the trail says of this row."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied  # before looking: 403 or 404 would tell which rows there are
        obj = self.staff_object(request, object_id)
        opts = self.model._meta
        records = AuditRecord.objects.filter(object_type=opts.label_lower, object_id=str(obj.pk))[:200]
        context = self.admin_site.each_context(request) | {
            "title": _("历史：%(object)s") % {"object": obj},
            "records": [(record, told(record.changes)) for record in records],
            "object": obj,
            "opts": opts,
        }
        return TemplateResponse(request, "admin/object_history.html", context | (extra_context or {}))

    # --- For actions -------------------------------------------------------------------------------------------
    def staff_object(self, request, object_id):
        """The row of a detail action, within scope. Raises Http404 for any other."""
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        return found

    def back(self, request, url: str = ""):
        """Leave a dialog: to `url`, or else to the list."""
        opts = self.model._meta
        url = url or reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
        return HttpResponseClientRedirect(url) if request.htmx else HttpResponseRedirect(url)

    def reveal_once(self, request, service, row, form):
        """Show what `service(row, by=, reason=)` reveals, in the dialog that asked for the reason; kept nowhere."""
        context = {"title": str(row)}
        try:
            context["contact"] = service(row, by=request.user, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            context["refused"] = "；".join(error.messages)
        response = TemplateResponse(request, "admin/revealed.html", context)
        add_never_cache_headers(response)
        return reselect(retarget(response, "#dialog"), "#dialog")  # the whole dialog: nothing is left to submit

    def change_url(self, obj) -> str:
        opts = self.model._meta
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[obj.pk])

    def run_on(self, request, rows, service, *, done: str, **kwargs) -> int:
        """Call `service(row, by=user, **kwargs)` for each row on its own; say how many were done and why others not.

        `done` is a sentence with `%(count)s`. Returns the number done. A refused row leaves the others alone.
        """
        count, refused = 0, []
        for row in rows:
            try:
                with transaction.atomic():
                    service(row, by=request.user, **kwargs)
                count += 1
            except ValidationError as error:
                refused.append(f"{row}：{'；'.join(error.messages)}")
            except PermissionDenied as error:
                refused.append(f"{row}：{error or _('不在您的管理范围内。')}")
        if count:
            messages.success(request, done % {"count": count})
        for sentence in refused[:10]:
            messages.error(request, sentence)
        if len(refused) > 10:
            messages.error(request, _("另有 %(count)s 项未处理。") % {"count": len(refused) - 10})
        return count

    def ask_reason(self, request, queryset, action: str, *, title: str, submit: str, form_class=ReasonForm):
        """The page between a list action and its deed. Returns (form, None) once filled, else (None, response)."""
        asked = "_form_submitted" in request.POST
        form = form_class(request=request, data=request.POST if asked else None)
        if asked and form.is_valid():
            return form, None
        context = self.admin_site.each_context(request) | {
            "title": title,
            "verb": submit,
            "form": form,
            "rows": queryset,
            "action": action,
            "opts": self.model._meta,
        }
        return None, TemplateResponse(request, "admin/ask_reason.html", context)
