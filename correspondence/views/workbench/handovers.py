"""交给完成人 on the pages of the inbox: hand over, the link, and the completer's answer."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.requests import UserRequest
from correspondence.forms import HandOverForm
from correspondence.models import Handover
from correspondence.services import completer_answers, handovers
from correspondence.services.handovers import kind_of, page_of
from correspondence.views.workbench.inbox import find_row, next_page, query_of, render_item
from matching.models import FollowUp


@login_required
@require_POST
def hand_over_item(request: UserRequest, key: str) -> HttpResponse:
    box, row = find_row(request, key)
    form = HandOverForm(request.POST, target=row.row, by=request.user)
    if not (form.is_valid() and form.save()):
        return render_item(request, box, row, invalid=form, status=422)
    if handovers.mail_handover(form.handover, by=request.user):
        messages.success(request, "已交给完成人，链接已发到本人邮箱。")
    else:
        messages.success(request, "已交给完成人。请把下面的话和链接发给对方。")
    return redirect(f"{page_of(form.handover)}?{query_of(box.chosen)}#handover")


@login_required
@require_POST
def handover_step(request: UserRequest, public_id: str) -> HttpResponse:
    """`step`: revoke, replace, mail; send (with `text`, `seen`) or aside (with `reason`)."""
    rows = Handover.objects.filter(institution__in=request.user.scope.institution_ids)
    rows = rows.select_related("achievement__institution", "achievement__contact", "institution", "approach")
    row = get_object_or_404(rows, public_id=public_id)
    key = f"{kind_of(row)}-{row.target.public_id}"
    box, shown = find_row(request, key)
    step, back = request.POST.get("step", ""), f"{page_of(row)}?{query_of(box.chosen)}"
    text = request.POST.get("text", "")
    try:
        if step == "send":
            completer_answers.send_answer(row, text=text, by=request.user, seen=request.POST.get("seen", ""))
            return redirect(_after_sending(request, row, next_page(box, shown)))
        if step == "aside":
            completer_answers.set_answer_aside(row, reason=request.POST.get("reason", ""), by=request.user)
            messages.success(request, "没有采用。请直接答复对方，或再交给完成人。")
        elif step == "revoke":
            handovers.call_back(row, by=request.user)
            messages.success(request, "已收回，链接打不开了。")
        elif step == "replace":
            handovers.replace_handover_link(row, by=request.user)
            messages.success(request, "已换成新链接，旧链接打不开了。")
        elif step == "mail":
            if handovers.mail_handover(row, by=request.user):
                messages.success(request, "已发到本人邮箱。")
            else:
                messages.warning(request, "没有可用的邮箱：联系人不是本人，或本人没有同意。请复制下面的话发给对方。")
        else:
            raise Http404
    except ValidationError as error:
        box, shown = find_row(request, key)
        return render_item(request, box, shown, problem="；".join(error.messages), typed=text, status=422)
    return redirect(back)


def _after_sending(request: UserRequest, row: Handover, following: str) -> str:
    """A completer's opinion about a meeting is not the office's word: it goes on to the page where it is given."""
    if isinstance(row.target, FollowUp) and row.kind != Handover.Kind.UNFIT:
        messages.success(request, "已采纳。请在这一页选联系人，答复愿意对接。")
        return reverse("follow_up", args=[row.target.public_id])
    messages.success(request, "已发送，对方会看到“由完成人提供”。")
    return following
