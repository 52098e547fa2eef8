"""The forms of the workbench: one achievement or one need, new or changed. Rules live in the services."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from achievements.forms import AttachmentForm
from portal import forms_on_page
from portal.item_kinds import ACHIEVEMENT, ItemKind


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_item(request, kind: ItemKind):
    if not kind.may_enter(request.user.scope):
        raise PermissionDenied(f"录入{kind.noun}需要{kind.role}的账号。")
    return _handle(request, kind)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_item(request, kind: ItemKind, public_id):
    return _handle(request, kind, get_object_or_404(kind.managed(request.user), public_id=public_id))


@login_required
@require_POST
def submit_item(request, kind: ItemKind, public_id):
    """Hand in what is saved."""
    return _submit(request, kind, get_object_or_404(kind.managed(request.user), public_id=public_id))


def _handle(request, kind: ItemKind, item=None):
    """What does not fit is shown at its field; nothing that was typed is lost."""
    if request.method != "POST":
        is_editable = item is None or kind.is_editable(item, request.user)
        return _page(request, kind, item, kind.form(instance=item, by=request.user) if is_editable else None)
    if item is not None and not kind.editable_states(item, request.user):
        raise PermissionDenied(f"您只能查看这项{kind.noun}，不能修改。")
    if prefix := request.POST.get("another"):
        data = forms_on_page.with_one_row_more(request.POST, prefix)
        return _page(request, kind, item, forms_on_page.unjudged(kind.form(data, instance=item, by=request.user)))
    form = kind.form(request.POST, instance=item, by=request.user)
    if form.is_valid() and (saved := form.save()):
        if "submit" in request.POST:
            return _submit(request, kind, saved)
        messages.success(request, f"已保存“{saved.title}”。")
        return redirect(kind.edit_url(saved))
    return _refused(request, kind, item, form)


def _submit(request, kind: ItemKind, item):
    try:
        kind.submit(item, by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect(kind.edit_url(item))
    messages.success(request, f"已提交“{item.title}”，现在是“{item.get_status_display()}”。")
    is_own = getattr(item, f"{kind.owner}_id") in kind.owners(request.user.scope)
    return redirect(kind.list_url if is_own else kind.edit_url(item))


def _refused(request, kind: ItemKind, item, form: Form):
    """The form again with its errors. Where somebody else has saved meanwhile: theirs beside what was typed, and the
    next click on save knows what it overwrites.
    """
    others = None
    if item is not None:
        item = kind.managed(request.user).get(pk=item.pk)  # the form has written upon the other
        fresh = kind.form(instance=item, by=request.user)
        current = str(fresh[kind.seen].value())
        if form.data.get(kind.seen) != current:
            others = forms_on_page.differences(form, fresh)
            forms_on_page.replace(form, kind.seen, current)
    return _page(request, kind, item, form, status=422, faults=forms_on_page.faults(form), others=others)


def _page(request, kind: ItemKind, item, form: Form | None, *, status: int = 200, faults=(), others=None):
    """`form` is None where the item may be seen but not changed; `others` where somebody else saved meanwhile."""
    context = {
        "kind": kind,
        "item": item,
        "title": item.title if item else kind.enter,
        "form": form,
        "faults": faults,
        "is_stale": others is not None,
        "others": others or (),
        "is_submittable": item is None or kind.is_submittable(item, request.user),
        "list_url": kind.list_url if kind.owners(request.user.scope) else "",
        "attachments": None,
    }
    if kind is ACHIEVEMENT and item:
        context["attachments"] = item.attachments.filter(removed_at=None)
        context["attachment_form"] = AttachmentForm() if form else None
    return render(request, "portal/workbench/record_form.html", context, status=status)
