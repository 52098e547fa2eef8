"""Bids: the drafts of one's own organisations, and after the opening what others have handed in."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Organisation
from accounts.requests import UserRequest
from challenges.bid_comparison import compared_bids, groups, in_order, possible_orders
from challenges.bid_content import Content
from challenges.bid_outcome import bid_outcome
from challenges.bid_view import bid_view
from challenges.forms.bids import BidForm, FileForm, GiveUpForm, InviteForm
from challenges.models import Bid, BidFile, Challenge
from challenges.models.bid import own_organisations
from challenges.sealing import SealBroken, open_content, open_text
from challenges.services import bidding
from challenges.services.opening import OpenedBid, file_content, handed_in_files, read_opened, read_own
from core.downloads import send_download
from core.forms import form_messages
from core.pagination import PAGE_SIZE

log = logging.getLogger(__name__)


@login_required
@require_safe
def bids(request: UserRequest) -> HttpResponse:
    if not own_organisations(request.user):
        raise PermissionDenied
    rows = Bid.objects.of(request.user).select_related("challenge__demand__firm", "challenge__deal", "lead")
    page = Paginator(rows.order_by("-changed_at", "-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    calls = Challenge.objects.taking_bids().with_firm().order_by("closes_at")[:10]
    return render(request, "challenges/workbench/bids.html", {"page": page, "calls": calls})


@login_required
@require_POST
def bid_start(request: UserRequest, public_id: str) -> HttpResponse:
    """POST `lead`: the public id of an institution or agency that the user acts for."""
    challenge = get_object_or_404(Challenge.objects.public(), public_id=public_id)
    own = Organisation.objects.filter(pk__in=own_organisations(request.user))
    lead = get_object_or_404(own, public_id=request.POST.get("lead", ""))
    try:
        made = bidding.start_bid(challenge, lead=lead, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("challenge_detail", public_id)
    return redirect("bid", made.public_id)


def _says_if_it_cannot_be_opened[**P](
    view: Callable[Concatenate[UserRequest, P], HttpResponse],
) -> Callable[Concatenate[UserRequest, P], HttpResponse]:
    """A draft whose key is gone stays as it is; who opens it reads so, and is not told of an error."""

    @wraps(view)
    def opened(request: UserRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except SealBroken:
            log.exception("a bid cannot be opened")
            messages.error(
                request,
                "这份方案加密保存，现在打不开：平台的密钥可能换过。内容没有丢失，请联系平台工作人员。",
            )
            return redirect("bids")

    return opened


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@_says_if_it_cannot_be_opened
def bid(request: UserRequest, public_id: str) -> HttpResponse:
    """The draft of a bid, for its members only; POST saves it, and with `then=submit` hands it in."""
    row = _own_or_404(request, public_id)
    if request.method != "POST":
        return _render(request, row)
    if refusal := _save_draft(request, row):
        return refusal
    if request.POST.get("then") == "submit":
        _name_what_was_not_sent(request, "")
        return _submit(request, row)
    messages.success(request, "草稿已保存，只有本联合体能看到。")
    _name_what_was_not_sent(request, "")
    return redirect("bid", public_id)


def _save_draft(request: UserRequest, row: Bid, *, only_typed: bool = False) -> HttpResponse | None:
    """Save the posted draft; with `only_typed`, if it differs from what its page showed.

    If it has faults: the page that names them.
    """
    form = BidForm(request.POST, bid=row, by=request.user)
    if only_typed and not form.was_typed_in:
        return None
    return None if form.is_valid() and form.save() else _render(request, row, form=form, status=422)


def _name_what_was_not_sent(request: UserRequest, step: str) -> None:
    """The fields beside the draft come with it: whoever filled in one and sent another reads that it is not done."""
    if step != "invite" and request.POST.get("organisation", "").strip():
        messages.warning(request, "邀请还没有发出：请再选一次单位，点“邀请”。")
    if step != "file" and request.POST.get("file", ""):  # the name alone: files are sent with their own step
        messages.warning(request, "附件还没有上传：请再选一次文件，点“上传”。")


@login_required
@require_POST
@_says_if_it_cannot_be_opened
def bid_step(request: UserRequest, public_id: str) -> HttpResponse:
    """POST `step`: invite, file, submit, withdraw or give_up; or remove, accept, lead or remove_file with the public id
    of what it is about, as `remove abcdefghij`.

    The buttons of the steps belong to the form of the draft. What was typed in it is saved first: the page that follows
    shows the saved one, and it would be gone.
    """
    row = _own_or_404(request, public_id)
    step, _space, which = request.POST.get("step", "").partition(" ")
    if "revision" in request.POST and (refusal := _save_draft(request, row, only_typed=True)):
        return refusal
    _name_what_was_not_sent(request, step)
    if step == "submit":
        return _submit(request, row)
    if step == "give_up":
        return _give_up(request, row)
    if step in ("invite", "file"):
        data = {"data": request.POST, "files": request.FILES}
        form = (
            InviteForm(**data, bid=row, by=request.user)
            if step == "invite"
            else FileForm(**data, bid=row, by=request.user)
        )
        if form.is_valid() and form.save():
            messages.success(request, "已邀请。" if step == "invite" else "已上传，加密保存。")
            return redirect("bid", public_id)
        return _render(request, row, step_form=form, problems=form_messages(form), status=422)
    try:
        done = _take(request, row, step, which)
    except ValidationError as error:
        return _render(request, row, problems=error.messages, status=422)
    messages.success(request, done)
    has_left = not Bid.objects.of(request.user).filter(pk=row.pk).exists()
    return redirect("bids") if has_left else redirect("bid", public_id)


def _take(request: UserRequest, row: Bid, step: str, which: str) -> str:
    if step == "remove":
        member = get_object_or_404(row.members.active(), public_id=which)
        bidding.remove_member(member, by=request.user)
        is_own = member.organisation_id in own_organisations(request.user)
        return "已退出联合体。" if is_own else "已移出联合体。"
    if step == "accept":
        mine = Organisation.objects.filter(pk__in=own_organisations(request.user))
        bidding.accept_part(row, organisation=get_object_or_404(mine, public_id=which), by=request.user)
        return "已确认本单位承担的部分。"
    if step == "lead":
        mine = Organisation.objects.filter(pk__in=request.user.scope.institution_ids)
        bidding.take_lead(row, organisation=get_object_or_404(mine, public_id=which), by=request.user)
        return "现在由本单位牵头，写好以后由本单位递交。"
    if step == "remove_file":
        bidding.remove_bid_file(get_object_or_404(BidFile, bid=row, public_id=which), by=request.user)
        return "已移除。"
    if step == "withdraw":
        bidding.withdraw_bid(row, by=request.user)
        return "已撤回，草稿还在，截止以前可以再递交。"
    raise Http404


def _submit(request: UserRequest, row: Bid) -> HttpResponse:
    """Its own transaction, so that a late bid leaves the saved draft."""
    try:
        submission = bidding.submit_bid(row, by=request.user)
    except ValidationError as error:
        row.refresh_from_db()
        return _render(request, row, problems=error.messages, status=422)
    messages.success(request, f"已密封递交。回执指纹：{submission.digest}")
    return redirect("bid", row.public_id)


def _give_up(request: UserRequest, row: Bid) -> HttpResponse:
    form = GiveUpForm(request.POST, bid=row, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, "已放弃，并告知了企业和市里。")
        return redirect("bid", row.public_id)
    return _render(request, row, give_up_form=form, status=422)


@login_required
@require_safe
def bid_read(request: UserRequest, public_id: str) -> HttpResponse:
    """An opened bid, for city staff, auditors and the firm of the call."""
    rows = Bid.objects.opened_for(request.user).select_related("challenge__demand__firm", "lead")
    row = get_object_or_404(rows, public_id=public_id)
    opened = read_opened(row)
    context = {"bid": row, "opened": opened, "view": bid_view(opened), "challenge": row.challenge}
    response = render(request, "challenges/workbench/bid_read.html", context)
    add_never_cache_headers(response)
    return response


@login_required
@require_safe
def bid_comparison(request: UserRequest, public_id: str) -> HttpResponse:
    """The opened bids of a call beside each other, for those who may read them all. `sort`: an order of the columns."""
    user = request.user
    calls = Challenge.objects.filter(pk__in=Bid.objects.opened_for(user).values("challenge")).with_firm()
    challenge = get_object_or_404(calls, public_id=public_id)
    rows = compared_bids(challenge, user)
    orders, asked = possible_orders(rows), request.GET.get("sort", "")
    order = asked if asked in orders else next(iter(orders))
    columns = in_order(rows, order)
    context = {
        "challenge": challenge,
        "columns": columns,
        "groups": groups(challenge, columns),
        "last_month": max((row.month for row in challenge.milestones.all()), default=None),
        "orders": orders,
        "order": order,
        "order_label": orders[order],
    }
    response = render(request, "challenges/workbench/bid_comparison.html", context)
    add_never_cache_headers(response)
    return response


@login_required
@require_safe
def bid_file(request: UserRequest, public_id: str) -> HttpResponse:
    """An attachment: of one's own bid at any time, of an opened one as it was handed in."""
    visible = Bid.objects.visible_to(request.user)
    file = get_object_or_404(
        BidFile.objects.filter(bid__in=visible).select_related("bid__challenge"), public_id=public_id
    )
    if not Bid.objects.of(request.user).filter(pk=file.bid_id).exists():
        handed_in = {row.pk for row, _name in handed_in_files(read_opened(file.bid))}
        if file.pk not in handed_in:
            raise Http404
    try:
        return send_download(file_content(file), open_text(file.sealed_name), file.content_type)
    except (FileNotFoundError, SealBroken):
        raise Http404 from None


def _own_or_404(request: UserRequest, public_id: str) -> Bid:
    rows = Bid.objects.of(request.user).select_related("challenge__demand__firm", "challenge__demand__industry", "lead")
    return get_object_or_404(rows, public_id=public_id)


def _differs(draft: Content, handed_in: OpenedBid | None) -> bool:
    """Whether the draft says something else than what counts."""
    if handed_in is None or handed_in.content is None:
        return False
    return any(handed_in.content.get(key) != value for key, value in draft.items())


def _render(
    request: UserRequest,
    row: Bid,
    *,
    form: BidForm | None = None,
    give_up_form: GiveUpForm | None = None,
    step_form: InviteForm | FileForm | None = None,
    problems: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    user, content = request.user, open_content(row.draft)
    own = own_organisations(user)
    members = [
        (member, bidding.has_accepted(member, content), member.organisation_id in own)
        for member in bidding.current_members(row)
    ]
    takes_bids = row.challenge.takes_bids
    mine = read_own(row)
    outcome = bid_outcome(row, user)
    invite_form = step_form if isinstance(step_form, InviteForm) else InviteForm(bid=row, by=user)
    file_form = step_form if isinstance(step_form, FileForm) else FileForm(bid=row, by=user)
    context = {
        "bid": row,
        "challenge": row.challenge,
        "form": form or BidForm(bid=row, by=user),
        "members": members,
        "is_lead": bidding.is_lead(row, user),
        "needs_lead": row.lead.kind != Organisation.Kind.INSTITUTION,
        "invite_form": invite_form if takes_bids and bidding.is_lead(row, user) else None,
        "file_form": file_form if takes_bids else None,
        "files": [(file, open_text(file.sealed_name)) for file in row.files.kept()],
        "missing": bidding.missing_of(row) if takes_bids else [],
        "handed_in": mine,
        "outcome": outcome,
        "give_up_form": give_up_form or (GiveUpForm(bid=row, by=user) if outcome and outcome.may_give_up else None),
        "problems": problems or (form_messages(give_up_form) if give_up_form else []),
        "takes_bids": takes_bids,
        "view": bid_view(mine) if mine else None,
        "differs": _differs(content, mine),
    }
    response = render(request, "challenges/workbench/bid.html", context, status=status)
    add_never_cache_headers(response)
    return response
