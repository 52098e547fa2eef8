"""The pre-docking board: what each district has still to do before a round, and the rows behind each figure.

On it the city sets targets, staff invite proposed guests, and buttons remind districts and guests.
"""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Organisation, Region
from accounts.requests import UserRequest
from core.downloads import send_download
from core.permissions import oversight_required
from rounds.models import DockingRound, GuestMessage, LetterText, Party, PreDockingTarget
from rounds.services.guest_letters import LetterWriter
from rounds.services.guest_proposals import propose_guests
from rounds.services.guest_reach import WayCounts, reach_of
from rounds.services.guests import (
    INVITING_STATUSES,
    add_parties,
    guests_to_remind,
    invite_parties,
    manages_guest,
    party_side,
    remind_parties,
)
from rounds.services.targets import remind_districts, set_targets
from rounds.views.staff import pre_docking_export
from rounds.views.staff.message_preview import WAY_WORDS, Sending, hide_codes, preview, sample_party
from rounds.views.staff.pre_docking_figures import (
    FIGURES,
    TARGETS,
    BoardFigure,
    BoardScope,
    Kind,
    announced_at,
    district_rows,
    elapsed_share,
    institution_counts,
)
from rounds.views.staff.round_access import is_city_or_district

PAGE_SIZE = 50
MAX_ROUNDS_OFFERED = 30
MAX_INVITED_AT_ONCE = 500
INVITING_WORDS = WAY_WORDS | {
    GuestMessage.Way.NOTICE: "没有邮箱，在平台账号里通知，并打印邀请函",
    GuestMessage.Way.CALL: "没有邮箱也没有账号，打印邀请函，并进电话名单",
}
RELATED = {
    "parties": ("organisation__stat_region",),
    "firms": ("stat_region",),
    "demands": ("firm__stat_region",),
    "matches": ("achievement__institution", "demand__firm__stat_region"),
    "follow_ups": ("match__achievement__institution", "match__demand__firm__stat_region", "owner"),
}
"""By kind of figure, what its page reads with the rows."""


def _requested_round(request: UserRequest) -> DockingRound | None:
    """The round of `round=`; without it the next published one that is open, or the latest. Raises Http404."""
    rounds = DockingRound.objects.visible_to(request.user).select_related("host")
    public_id = request.GET.get("round") or request.POST.get("round")
    if public_id:
        docking_round = rounds.filter(public_id=public_id[:10]).first()
        if docking_round is None:
            raise Http404
        return docking_round
    return rounds.published().open().order_by("starts_at").first() or rounds.order_by("-starts_at").first()


def _scope_or_404(request: UserRequest) -> BoardScope:
    """Raises Http404 without any round, PermissionDenied for a district that is not the user's."""
    docking_round = _requested_round(request)
    if docking_round is None:
        raise Http404
    code = request.GET.get("region") or request.POST.get("region")
    region = Region.objects.reporting().filter(code=code[:50]).first() if code else None
    user_scope = request.user.scope
    if region and not user_scope.sees_all and region.pk not in user_scope.region_ids:
        raise PermissionDenied
    side = request.GET.get("side")
    side = side if side in Party.Side.values and user_scope.sees_all else Party.Side.FIRM
    return BoardScope(request.user, docking_round, region, side)


def _scope_query(scope: BoardScope) -> str:
    """The query string that gives this scope."""
    values = {"round": scope.docking_round.public_id, "region": scope.region.code if scope.region else ""}
    if scope.side != Party.Side.FIRM:
        values["side"] = scope.side
    return urlencode({name: value for name, value in values.items() if value})


def _scope_context(scope: BoardScope) -> dict:
    return {"scope": scope, "round": scope.docking_round, "scope_query": _scope_query(scope)}


@require_safe
@oversight_required
def board(request: UserRequest) -> HttpResponse:
    if _requested_round(request) is None:
        return render(request, "rounds/staff/pre_docking_board/no_round.html")
    scope = _scope_or_404(request)
    districts = district_rows(scope)
    totals = {name: sum(row.counts[name] for row in districts) for name in FIGURES}
    sees_all = request.user.scope.sees_all
    institutions = institution_counts(scope) if sees_all else {}
    rounds = DockingRound.objects.visible_to(request.user).only("name", "public_id").order_by("-starts_at")
    context = _scope_context(scope) | {
        "districts": districts,
        "lagging": [row for row in districts if row.lags],
        "totals": [(name, FIGURES[name], totals[name]) for name in FIGURES],
        "remind": WayCounts.of(each.way for each in reach_of(_to_remind(request, scope))),
        "institutions": [(name, FIGURES[name], number) for name, number in institutions.items()],
        "elapsed_percent": round(100 * elapsed_share(scope.docking_round)),
        "announced": announced_at(scope.docking_round),
        "rounds": rounds[:MAX_ROUNDS_OFFERED],
        "regions": Region.objects.reporting() if sees_all else [],
        "kinds": [(kind, FIGURES[name]) for kind, name in TARGETS.items()],
    }
    return render(request, "rounds/staff/pre_docking_board/board.html", context)


@require_safe
@oversight_required
def rows(request: UserRequest, name: str) -> HttpResponse:
    """The rows that the figure `name` counts."""
    figure, scope = _figure_or_404(name), _scope_or_404(request)
    queryset = figure.rows(scope).select_related(*RELATED[figure.kind])
    page = Paginator(queryset, PAGE_SIZE).get_page(request.GET.get("page"))
    parts = [scope.docking_round.name, figure.means, scope.region.name if scope.region else ""]
    parts += ["院校"] if scope.side == Party.Side.INSTITUTION else []
    description = "；".join(str(part) for part in parts if part)
    context = _scope_context(scope) | {"name": name, "figure": figure, "page": page, "description": description}
    context["may_invite"] = name == "listed" and _may_invite(request, scope)
    return render(request, "rounds/staff/pre_docking_board/rows.html", context)


def _may_invite(request: UserRequest, scope: BoardScope) -> bool:
    return is_city_or_district(request.user) and scope.docking_round.status in INVITING_STATUSES


@require_safe
@oversight_required
def export_board(request: UserRequest) -> HttpResponse:
    _require_export_permission(request)
    content = pre_docking_export.export_board(_scope_or_404(request), by=request.user)
    return send_download(content, "会前准备.xlsx")


@require_safe
@oversight_required
def export_rows(request: UserRequest, name: str) -> HttpResponse:
    _require_export_permission(request)
    figure = _figure_or_404(name)
    content = pre_docking_export.export_rows(figure, _scope_or_404(request), by=request.user)
    return send_download(content, f"{figure.label}.xlsx")


@require_http_methods(["GET", "POST"])
@oversight_required
def targets(request: UserRequest) -> HttpResponse:
    """A number for each district and kind; empty for no target."""
    if not request.user.scope.is_city:
        raise PermissionDenied
    scope = _scope_or_404(request)
    regions = list(Region.objects.reporting())
    saved = PreDockingTarget.objects.filter(docking_round=scope.docking_round)
    shown = {(row.region_id, row.kind): row.number for row in saved}
    error_text = ""
    if request.method == "POST":
        posted = {
            (region.pk, kind): request.POST.get(f"{kind}-{region.code}", "").strip()
            for region in regions
            for kind in Kind
        }
        try:
            changed = set_targets(scope.docking_round, _target_numbers(posted), by=request.user)
            messages.success(request, f"已保存，{changed} 项目标有变化。" if changed else "目标没有变化。")
            return redirect(reverse("admin:rounds_board") + "?" + _scope_query(scope))
        except ValidationError as error:
            error_text, shown = error.messages[0], posted
    table = [(region, [(kind, kind.label, shown.get((region.pk, kind), "")) for kind in Kind]) for region in regions]
    context = _scope_context(scope) | {"table": table, "error_text": error_text, "kinds": list(Kind)}
    return render(request, "rounds/staff/pre_docking_board/targets.html", context, status=422 if error_text else 200)


@require_http_methods(["GET", "POST"])
@oversight_required
def proposals(request: UserRequest) -> HttpResponse:
    """Proposed guests with the reasons, none ticked. A POST shows who the ticked ones are and how each is invited;
    with `deed=send` it adds them to the guest list and invites them. Guests on the list are posted as `party`, or all
    of them by `which=listed`."""
    scope, user = _scope_or_404(request), request.user
    if request.method == "POST":
        if not is_city_or_district(user):
            raise PermissionDenied
        return _invite_chosen(request, scope)
    proposed = propose_guests(scope.docking_round, user, region=scope.region)
    context = _scope_context(scope) | {
        "page": Paginator(proposed, PAGE_SIZE).get_page(request.GET.get("page")),
        "order": _order_text(scope.docking_round),
        "may_invite": _may_invite(request, scope),
        "reads_only": not is_city_or_district(user),
        "regions": Region.objects.reporting() if user.scope.sees_all else [],
    }
    return render(request, "rounds/staff/pre_docking_board/proposals.html", context)


def _invite_chosen(request: UserRequest, scope: BoardScope) -> HttpResponse:
    back = redirect(reverse("admin:rounds_proposals") + "?" + _scope_query(scope))
    ids = request.POST.getlist("organisation")[:MAX_INVITED_AT_ONCE]
    chosen = list(Organisation.objects.filter(public_id__in=ids))
    listed = _chosen_from_list(request, scope)
    if not chosen and not listed:
        messages.warning(request, "请先勾选要邀请的单位。")
        return back
    if request.POST.get("deed") != "send":
        return _preview(request, scope, chosen, listed)
    try:
        if chosen:
            add_parties(scope.docking_round, chosen, by=request.user)
        parties = Party.objects.filter(docking_round=scope.docking_round)
        of_list = [party.pk for party in listed]
        invited = invite_parties(
            parties.filter(pk__in=of_list) | parties.filter(organisation__in=chosen), by=request.user
        )
        messages.success(request, invited.sentence)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return back


def _chosen_from_list(request: UserRequest, scope: BoardScope) -> list[Party]:
    """The guests on the list that the user manages and that were ticked, or all of this side."""
    listed = Party.objects.managed_by(request.user).listed().filter(docking_round=scope.docking_round)
    listed = listed.select_related("organisation")
    if request.POST.get("which") == "listed":
        listed = listed.filter(side=request.POST.get("side") or Party.Side.FIRM)
        if scope.region:
            listed = listed.filter(organisation__stat_region=scope.region)
        return list(listed[:MAX_INVITED_AT_ONCE])
    return list(listed.filter(public_id__in=request.POST.getlist("party")[:MAX_INVITED_AT_ONCE]))


def _order_text(docking_round: DockingRound) -> str:
    if docking_round.themes:
        return f"主题“{docking_round.themes}”的排在前面，再看匹配和上次落下的。"
    return "活动没有写主题，按匹配和上次落下的排。"


def _preview(request: UserRequest, scope: BoardScope, chosen: list[Organisation], listed: list[Party]) -> HttpResponse:
    """Whom the ticked organisations are, by which way each is invited, and the text. Nothing is stored."""
    kinds = (Organisation.Kind.FIRM, Organisation.Kind.INSTITUTION)
    mine = [each for each in chosen if each.kind in kinds and manages_guest(request.user, each)]
    if len(mine) < len(chosen):
        raise PermissionDenied
    parties = [Party(docking_round=scope.docking_round, organisation=each, side=party_side(each)) for each in mine]
    for number, party in enumerate(parties, start=1):
        party.pk = -number  # not stored: `reach_of` tells the parties apart by their keys
    parties += listed
    hide_codes(parties)
    reach = reach_of(parties)
    sample = LetterWriter(scope.docking_round).mail(LetterText.Kind.INVITATION, sample_party(reach))
    fields = [("organisation", party.organisation.public_id) for party in parties if party.pk < 0]
    fields += [("party", party.public_id) for party in parties if party.pk > 0]
    sending = Sending(
        title="确认邀请",
        heading="邀请",
        button=f"发出这 {len(parties)} 份邀请",
        action=reverse("admin:rounds_proposals"),
        back=reverse("admin:rounds_proposals") + "?" + _scope_query(scope),
        back_words="选择要邀请的单位",
        fields=_scope_fields(scope) + fields,
    )
    return preview(request, scope.docking_round, sending, reach, sample, INVITING_WORDS)


def _scope_fields(scope: BoardScope) -> list[tuple[str, str]]:
    region = scope.region.code if scope.region else ""
    return [("round", scope.docking_round.public_id), ("region", region)]


def _to_remind(request: UserRequest, scope: BoardScope) -> list[Party]:
    """Whom the button reminds: the same rows for its number and for sending."""
    due = guests_to_remind(scope.docking_round, request.user, scope.region)
    return list(due.select_related("organisation"))


@require_POST
@oversight_required
def remind(request: UserRequest) -> HttpResponse:
    """Remind one district; without a district all that lag."""
    scope = _scope_or_404(request)
    districts = [row for row in district_rows(scope) if row.region and (scope.region or row.lags)]
    try:
        texts = {row.region: row.to_do for row in districts}
        reminded = remind_districts(scope.docking_round, texts, by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        if reminded:
            messages.success(request, "已提醒：" + "、".join(region.name for region in reminded) + "。")
        else:
            messages.info(request, "今天都提醒过了，每个区市县一天只提醒一次。" if districts else "没有落后的区市县。")
    return _redirect_to_board(scope)


@require_POST
@oversight_required
def remind_guests(request: UserRequest) -> HttpResponse:
    """Remind all guests of the scope that have not answered; with `deed=preview` show whom, how and what."""
    scope = _scope_or_404(request)
    if not is_city_or_district(request.user):
        raise PermissionDenied
    due = _to_remind(request, scope)
    if due and request.POST.get("deed") == "preview":
        return _preview_reminders(request, scope, due)
    try:
        reminded = remind_parties(due, by=request.user)
        if reminded.total:
            messages.success(request, f"已提醒 {reminded.sentence}。")
        else:
            messages.info(request, "没有需要提醒的：都已答复、不能再答复，或刚邀请、提醒过。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return _redirect_to_board(scope)


def _preview_reminders(request: UserRequest, scope: BoardScope, due: list[Party]) -> HttpResponse:
    hide_codes(due)
    reach = reach_of(due)
    sample = LetterWriter(scope.docking_round).mail(LetterText.Kind.REMINDER, sample_party(reach))
    sending = Sending(
        title="确认提醒",
        heading="提醒",
        button=f"提醒这 {len(due)} 家",
        action=reverse("admin:rounds_remind_guests"),
        back=reverse("admin:rounds_board") + "?" + _scope_query(scope),
        back_words="会前准备",
        fields=_scope_fields(scope),
    )
    return preview(request, scope.docking_round, sending, reach, sample)


def _redirect_to_board(scope: BoardScope) -> HttpResponse:
    query = urlencode({"round": scope.docking_round.public_id})
    return redirect(reverse("admin:rounds_board") + "?" + query)


def _target_numbers(posted: dict[tuple, str]) -> dict[tuple, int | None]:
    """The posted texts as numbers; None for no target. Raises ValidationError."""
    numbers = {}
    for key, text in posted.items():
        if text and not (text.isascii() and text.isdecimal() and len(text) < 7):
            raise ValidationError(f"“{text[:20]}”不是整数，目标数请填 0 到 10000 之间的整数，不要求的留空。")
        numbers[key] = int(text) if text else None
    return numbers


def _figure_or_404(name: str) -> BoardFigure:
    if name not in FIGURES:
        raise Http404
    return FIGURES[name]


def _require_export_permission(request: UserRequest) -> None:
    if not request.user.has_perm("rounds.export_party"):
        raise PermissionDenied
