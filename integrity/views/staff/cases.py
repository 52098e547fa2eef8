"""The queue of cases and one case with its rows, explanations and decisions. Auditors read; the city decides."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from audit.wording import describe_records
from core.pagination import PAGE_SIZE
from integrity.forms import AskForm, CaseForm, DecideForm
from integrity.models import Case, CaseDecision, CaseRow, Explanation, Scan
from integrity.permissions import recusal_reason
from integrity.presentation import RowLine, row_lines
from integrity.services.decisions import corrections_of, expected_changes
from integrity.signals.registry import SIGNALS

FORMS = {"ask": AskForm, "decide": DecideForm}
TABS = {
    "waiting": ("待办", Case.UNDECIDED),
    "overdue": ("说明逾期", (Case.Status.ASKED,)),
    "decided": ("已决定", (Case.Status.DECIDED,)),
    "gone": ("线索消失", (Case.Status.GONE,)),
}
ADVERSE = (Case.Outcome.RELATED, Case.Outcome.EXCLUDED)


@login_required
@require_safe
def cases(request: UserRequest) -> HttpResponse:
    """`?show=` a key of TABS, `?signal=` a kind, `?q=` words in the parties, the sentence or contract numbers."""
    _require_reader(request)
    tab = request.GET.get("show", "")
    tab = tab if tab in TABS else "waiting"
    signal = request.GET.get("signal", "")
    signal = signal if signal in SIGNALS else ""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:60]
    rows = _search(Case.objects.visible_to(request.user), signal, words)
    shown = _in_tab(rows, tab)
    page = Paginator(shown.order_by("-amount_wan", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    counts = dict(_in_tab(Case.objects.all(), tab).order_by().values_list("signal").annotate(Count("pk")))
    context = {
        "page": page,
        "rows": _with_clock(page),
        "tab": tab,
        "tabs": [(key, label, _in_tab(rows, key).order_by().count()) for key, (label, _states) in TABS.items()],
        "signal": signal,
        "signals": [(key, item.label, counts.get(key, 0)) for key, item in SIGNALS.items() if counts.get(key)],
        "words": words,
        "query": urlencode({"show": tab} | ({"signal": signal} if signal else {}) | ({"q": words} if words else {})),
        "amount": f"{shown.aggregate(total=Sum('amount_wan'))['total'] or 0:,.2f}",
        "scan": Scan.objects.first(),
    }
    return render(request, "integrity/staff/cases.html", context)


@login_required
@require_safe
def case(request: UserRequest, public_id: str) -> HttpResponse:
    """One case. `?outcome=` and `?rows=` show the figures as if it were decided so."""
    _require_reader(request)
    return _page(request, get_object_or_404(Case.objects.visible_to(request.user), public_id=public_id))


@login_required
@require_POST
def case_step(request: UserRequest, public_id: str) -> HttpResponse:
    """POST with `action`, a key of FORMS."""
    _require_reader(request)
    row = get_object_or_404(Case.objects.visible_to(request.user), public_id=public_id)
    action = request.POST.get("action", "")
    if action not in FORMS:
        raise Http404
    if not request.user.scope.is_city:
        raise PermissionDenied("诚信线索由市级专员办理。")
    if reason := recusal_reason(row, request.user):
        raise PermissionDenied(reason)
    form = _form(row, request, row_lines(row), action, request.POST)
    if form.is_valid() and form.save():
        messages.success(request, form.done)
        return redirect("integrity_case", public_id)
    row.refresh_from_db()
    return _page(request, row, faulty=form, status=422)


def _require_reader(request: UserRequest) -> None:
    if not request.user.scope.sees_all:
        raise PermissionDenied("诚信线索只由市级专员和审计员查看。")


def _in_tab(rows: QuerySet[Case], tab: str) -> QuerySet[Case]:
    rows = rows.filter(status__in=TABS[tab][1])
    overdue = Exists(Explanation.objects.overdue().filter(case=OuterRef("pk")))
    return rows.filter(overdue) if tab == "overdue" else rows


def _search(rows: QuerySet[Case], signal: str, words: str) -> QuerySet[Case]:
    if signal:
        rows = rows.filter(signal=signal)
    for word in words.split():
        contracts = CaseRow.objects.filter(
            Q(contract__number__icontains=word) | Q(contract__name__icontains=word), case=OuterRef("pk")
        )
        rows = rows.filter(
            Q(parties__icontains=word) | Q(sentence__icontains=word) | Q(public_id=word) | Exists(contracts)
        )
    return rows


def _with_clock(page) -> list[dict]:
    """The cases of a page with who still has to explain until when. One query."""
    pending: dict[int, list[Explanation]] = {}
    for row in Explanation.objects.pending().filter(case__in=[case.pk for case in page]).order_by("due_on"):
        pending.setdefault(row.case_id, []).append(row)
    return [{"case": case, "pending": pending.get(case.pk, [])} for case in page]


def _form(row: Case, request: UserRequest, lines: list[RowLine], action: str, data=None) -> CaseForm:
    if action == "ask":
        return AskForm(data, case=row, by=request.user)
    decidable = [line for line in lines if line.row.deal_id is None]
    in_force = [line.row.pk for line in decidable if line.row.effect]
    proposed = [line.row.pk for line in decidable if line.row.is_proposed and line.row.is_current]
    return DecideForm(
        data,
        case=row,
        by=request.user,
        labels=[(line.row.pk, line.choice_label) for line in decidable],
        proposed=_chosen(request, in_force or proposed),
        outcome=_assumed_outcome(request, row) if request.GET.get("outcome") else "",
    )


def _chosen(request: UserRequest, default: list[int]) -> list[int]:
    """The rows of `?rows=`, which is repeated."""
    if "outcome" not in request.GET:
        return default
    return [int(value) for value in request.GET.getlist("rows") if value.isascii() and value.isdigit()]


def _assumed_outcome(request: UserRequest, row: Case) -> str:
    wanted = request.GET.get("outcome", "")
    if wanted in ADVERSE:
        return wanted
    return row.outcome if row.outcome in ADVERSE else Case.Outcome.EXCLUDED


def _page(request: UserRequest, row: Case, *, faulty: CaseForm | None = None, status: int = 200) -> HttpResponse:
    lines = row_lines(row)
    reason = recusal_reason(row, request.user) if request.user.scope.is_city else ""
    forms = []
    if request.user.scope.is_city and not reason and row.status != Case.Status.GONE:
        actions = ["ask", "decide"] if row.status in Case.UNDECIDED else ["decide"]
        forms = [
            faulty if faulty and faulty.action == action else _form(row, request, lines, action) for action in actions
        ]
        forms = [form for form in forms if not isinstance(form, AskForm) or form.offers_anybody]
    decidable = [line.row.pk for line in lines if line.row.deal_id is None]
    proposed = [
        line.row.pk for line in lines if line.row.is_proposed and line.row.is_current and line.row.pk in decidable
    ]
    chosen = [pk for pk in _chosen(request, proposed) if pk in decidable]
    assumed = _assumed_outcome(request, row)
    corrections = corrections_of(row)
    corrected = describe_records(corrections, request.user)
    context = {
        "case": row,
        "signal": SIGNALS[row.signal],
        "lines": lines,
        "organisations": row.organisations.order_by("pk"),
        "changes": expected_changes(row, assumed, chosen) if chosen else [],
        "assumed": Case.Outcome(assumed).label,
        "assumed_key": assumed,
        "chosen": chosen,
        "explanations": row.explanations.select_related("organisation", "answered_by", "asked_by"),
        "decisions": CaseDecision.objects.filter(case=row).select_related("by"),
        "corrections": [(record, corrected[record.pk]) for record in corrections],
        "forms": forms,
        "faulty": faulty,
        "recusal": reason,
    }
    return render(request, "integrity/staff/case.html", context, status=status)
