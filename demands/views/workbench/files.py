"""Files of a demand: upload and removal by the firm, download by its readers."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from core.downloads import send_download
from core.forms import form_messages
from demands.forms import DemandFileForm
from demands.models import Demand, DemandFile
from demands.services.files import add_demand_file, copy_for_reader, remove_demand_file


@login_required
@require_safe
def demand_file_download(request: UserRequest, public_id: str) -> HttpResponse:
    """A PDF with the reader's name on each page. There is no public file: every reader is known and recorded."""
    files = DemandFile.objects.readable_by(request.user).select_related("demand")
    stored = get_object_or_404(files, public_id=public_id)
    try:
        content = copy_for_reader(stored, by=request.user)
    except FileNotFoundError:
        raise Http404 from None
    return send_download(content, f"{stored.name.rpartition('.')[0] or stored.name}.pdf", "application/pdf")


@login_required
@require_POST
def demand_file_add(request: UserRequest, public_id: str) -> HttpResponse:
    """Store an uploaded file and redirect to the edit page."""
    demand = get_object_or_404(Demand.objects.managed_by(request.user), public_id=public_id)
    form = DemandFileForm(request.POST, request.FILES)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            stored = add_demand_file(
                demand,
                content=upload.read(),
                name=upload.name,
                audience=form.cleaned_data["audience"],
                by=request.user,
            )
            messages.success(request, "已上传“%(name)s”。" % {"name": stored})
        except ValidationError as error:
            form.add_error("file", error)
    for message in form_messages(form):
        messages.error(request, message)
    return redirect("demand_edit", public_id=demand.public_id)


@login_required
@require_POST
def demand_file_remove(request: UserRequest, public_id: str) -> HttpResponse:
    """Remove a file and redirect to the edit page."""
    files = DemandFile.objects.filter(demand__in=Demand.objects.managed_by(request.user))
    stored = get_object_or_404(files.select_related("demand__firm"), public_id=public_id)
    try:
        remove_demand_file(stored, by=request.user)
        messages.success(request, "已移除“%(name)s”。" % {"name": stored})
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("demand_edit", public_id=stored.demand.public_id)
