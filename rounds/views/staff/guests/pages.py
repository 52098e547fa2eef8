"""The pre-docking board, the rows behind its figures, targets, proposals, and the buttons that remind."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Organisation, Region
from core.downloads import send_download
from core.permissions import oversight_required
from rounds.models import DockingRound, Party, PreDockingTarget
from rounds.services.guest_proposals import propose_parties
from rounds.services.guests import INVITING, add_parties, invite_parties, remind_parties
from rounds.services.targets import remind_districts, set_targets
from rounds.views.staff.guests import exports
from rounds.views.staff.guests.figures import FIGURES, TARGETS, Kind, Where, announced_at, lines, offices, time_gone

PAGE_SIZE = 50
RELATED = {
    "parties": ("organisation__stat_region",),
    "firms": ("stat_region",),
    "needs": ("firm__stat_region",),
    "matches": ("achievement__institution", "demand__firm__stat_region"),
    "follow_ups": ("match__achievement__institution", "match__demand__firm__stat_region", "owner"),
}


def board_urls(admin_site):
    guard = admin_site.admin_view
    return [
        path("board/", guard(board), name="rounds_board"),
        path("board/export/", guard(export_board), name="rounds_board_export"),
        path("board/targets/", guard(targets), name="rounds_targets"),
        path("board/proposals/", guard(proposals), name="rounds_proposals"),
        path("board/remind/", guard(remind), name="rounds_remind"),
        path("board/remind-guests/", guard(remind_guests), name="rounds_remind_guests"),
        path("board/rows/<slug:name>/", guard(rows), name="rounds_board_rows"),
        path("board/rows/<slug:name>/export/", guard(export_rows), name="rounds_board_rows_export"),
    ]


def round_of(request) -> DockingRound | None:
    """The round of the address; without one, the next that is announced and not over, else the latest."""
    rounds = DockingRound.objects.visible_to(request.user).select_related("host")
    wanted = request.GET.get("round") or request.POST.get("round")
    if wanted:
        found = rounds.filter(public_id=wanted[:10]).first()
        if found is None:
            raise Http404
        return found
    return rounds.published().open().order_by("starts_at").first() or rounds.order_by("-starts_at").first()


def where_of(request) -> Where:
    """Raises Http404 where there is no round at all."""
    held = round_of(request)
    if held is None:
        raise Http404
    code = request.GET.get("region") or request.POST.get("region")
    region = Region.objects.reporting().filter(code=code[:50]).first() if code else None
    scope = request.user.scope
    if region and not scope.sees_all and region.pk not in scope.region_ids:
        raise PermissionDenied
    side = request.GET.get("side")
    side = side if side in Party.Side.values and scope.sees_all else Party.Side.FIRM
    return Where(request.user, held, region, side)


def narrowed(where: Where) -> str:
    given = {"round": where.held.public_id, "region": where.region.code if where.region else ""}
    if where.side != Party.Side.FIRM:
        given["side"] = where.side
    return urlencode({name: value for name, value in given.items() if value})


@require_safe
@oversight_required
def board(request):
    if round_of(request) is None:
        return render(request, "rounds/staff/guests/no_round.html")
    where = where_of(request)
    found = lines(where)
    totals = {name: sum(line.counts[name] for line in found) for name in FIGURES}
    sees_all = request.user.scope.sees_all
    context = {
        "where": where,
        "held": where.held,
        "narrowed": narrowed(where),
        "lines": found,
        "lagging": [line for line in found if line.lags],
        "totals": [(name, FIGURES[name], totals[name]) for name in FIGURES],
        "silent": totals["silent"],
        "offices": [(name, FIGURES[name], number) for name, number in offices(where).items()] if sees_all else [],
        "gone": round(100 * time_gone(where.held)),
        "announced": announced_at(where.held),
        "rounds": DockingRound.objects.visible_to(request.user).only("name", "public_id").order_by("-starts_at")[:30],
        "regions": Region.objects.reporting() if sees_all else [],
        "kinds": [(kind, FIGURES[name]) for kind, name in TARGETS.items()],
    }
    return render(request, "rounds/staff/guests/board.html", context)


@require_safe
@oversight_required
def rows(request, name):
    """What a figure counts, page by page."""
    figure, where = _figure(name), where_of(request)
    found = figure.rows(where).select_related(*RELATED[figure.kind])
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"where": where, "held": where.held, "narrowed": narrowed(where), "name": name, "figure": figure}
    return render(request, "rounds/staff/guests/rows.html", context | {"page": page})


@require_safe
@oversight_required
def export_board(request):
    _may_export(request)
    return send_download(exports.export_board(where_of(request), by=request.user), "会前准备.xlsx")


@require_safe
@oversight_required
def export_rows(request, name):
    _may_export(request)
    figure = _figure(name)
    return send_download(exports.export_rows(figure, where_of(request), by=request.user), f"{figure.label}.xlsx")


@require_http_methods(["GET", "POST"])
@oversight_required
def targets(request):
    """A number for each district and kind; empty for none."""
    if not request.user.scope.is_city:
        raise PermissionDenied
    where = where_of(request)
    regions = list(Region.objects.reporting())
    known = {(row.region_id, row.kind): row.number for row in PreDockingTarget.objects.filter(docking_round=where.held)}
    typed = {
        (region.pk, kind): request.POST.get(f"{kind}-{region.code}", "").strip() for region in regions for kind in Kind
    }
    fault = ""
    if request.method == "POST":
        try:
            changed = set_targets(where.held, _numbers(typed), by=request.user)
            messages.success(request, f"已保存，{changed} 项目标有变化。" if changed else "目标没有变化。")
            return redirect(reverse("admin:rounds_board") + "?" + narrowed(where))
        except ValidationError as error:
            fault, known = error.messages[0], typed
    table = [(region, [(kind, kind.label, known.get((region.pk, kind), "")) for kind in Kind]) for region in regions]
    context = {"where": where, "held": where.held, "narrowed": narrowed(where), "table": table, "fault": fault}
    context["kinds"] = list(Kind)
    return render(request, "rounds/staff/guests/targets.html", context, status=422 if fault else 200)


@require_http_methods(["GET", "POST"])
@oversight_required
def proposals(request):
    """Who should be asked, with the reasons; those ticked are put on the list and asked."""
    where, user = where_of(request), request.user
    if request.method == "POST":
        if not (user.scope.is_city or user.scope.is_district):
            raise PermissionDenied
        return _ask(request, where)
    found = propose_parties(where.held, user, region=where.region)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"where": where, "held": where.held, "narrowed": narrowed(where), "page": page}
    context["may_ask"] = (user.scope.is_city or user.scope.is_district) and where.held.status in INVITING
    context["regions"] = Region.objects.reporting() if user.scope.sees_all else []
    return render(request, "rounds/staff/guests/proposals.html", context)


def _ask(request, where: Where):
    back = redirect(reverse("admin:rounds_proposals") + "?" + narrowed(where))
    ids = request.POST.getlist("organisation")[:500]
    chosen = list(Organisation.objects.filter(public_id__in=ids))
    if not chosen:
        messages.warning(request, "请先勾选要邀请的单位。")
        return back
    try:
        add_parties(where.held, chosen, by=request.user)
        parties = Party.objects.filter(docking_round=where.held, organisation__in=chosen)
        invited = invite_parties(parties, by=request.user)
        messages.success(request, invited.sentence)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return back


@require_POST
@oversight_required
def remind(request):
    """One district, or with no district every one that lags."""
    where = where_of(request)
    wanted = [line for line in lines(where) if line.region and (where.region or line.lags)]
    try:
        done = remind_districts(where.held, {line.region: line.to_do for line in wanted}, by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        if done:
            messages.success(request, "已提醒：" + "、".join(region.name for region in done) + "。")
        else:
            messages.info(request, "今天都提醒过了，每个区市县一天只提醒一次。" if wanted else "没有落后的区市县。")
    return _to_board(where)


@require_POST
@oversight_required
def remind_guests(request):
    """All silent guests of the district, or of all."""
    where = where_of(request)
    if not (request.user.scope.is_city or request.user.scope.is_district):
        raise PermissionDenied
    rows = Party.objects.managed_by(request.user).filter(docking_round=where.held).awaiting_answer()
    rows = rows.filter(organisation__stat_region=where.region, side=Party.Side.FIRM) if where.region else rows
    try:
        done = remind_parties(rows, by=request.user)
        if done:
            messages.success(request, f"已提醒 {done} 家。")
        else:
            messages.info(request, "没有需要提醒的：都已答复，或刚邀请、提醒过。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return _to_board(where)


def _to_board(where: Where):
    query = urlencode({"round": where.held.public_id})
    return redirect(reverse("admin:rounds_board") + "?" + query)


def _numbers(typed: dict) -> dict:
    found = {}
    for key, text in typed.items():
        if text and not (text.isascii() and text.isdecimal() and len(text) < 7):
            raise ValidationError(f"“{text[:20]}”不是整数，目标数请填 0 到 10000 之间的整数，不要求的留空。")
        found[key] = int(text) if text else None
    return found


def _figure(name: str):
    if name not in FIGURES:
        raise Http404
    return FIGURES[name]


def _may_export(request) -> None:
    if not request.user.has_perm("rounds.export_party"):
        raise PermissionDenied
