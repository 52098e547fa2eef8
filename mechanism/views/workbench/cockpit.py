"""The cockpit: the one screen of the board, and the same screen on a wall."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import UserRequest
from mechanism.closing.signed_values import SignedValues
from mechanism.kpi.cockpit import build_cockpit, has_cockpit, moved_records
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.unconfirmed import count_excluded, may_look_into
from mechanism.views.workbench.figure_scopes import scope_choices, scope_context, title_of, with_scope

YEARS_TO_CHOOSE = 5


def _context(scope: FigureScope) -> dict:
    signed_values = SignedValues(scope)
    return scope_context(scope) | {
        "cockpit": build_cockpit(scope, signed=signed_values),
        "title": title_of(scope),
        "signed_values": signed_values,
        "excluded": count_excluded(FIGURES["turnover"], scope),
        "may_look_into": may_look_into(scope),
        "closed_version": signed_values.of_year.version,
        "rejected_versions": signed_values.of_year.rejected,
    }


@with_scope
def cockpit(request: UserRequest, scope: FigureScope) -> HttpResponse:
    """The screen of the city, a district or an institution in a year; anything narrower is shown by the tables."""
    if not has_cockpit(scope):
        return redirect(f"{reverse('board_tables')}?{urlencode(scope.query)}")
    this_year = timezone.localdate().year
    years = [str(year) for year in range(this_year, this_year - YEARS_TO_CHOOSE, -1)]
    context = _context(scope) | scope_choices(request.user) | {"periods": years}
    context["moved"] = moved_records(context["cockpit"], request.user)
    return render(request, "mechanism/workbench/cockpit.html", context)


@login_required
@require_safe
def forecast_method(request: UserRequest) -> HttpResponse:
    """How the range at the end of the year is estimated, in words."""
    return render(request, "mechanism/workbench/forecast_method.html")


@with_scope
def wall(request: UserRequest, scope: FigureScope) -> HttpResponse:
    """Without navigation, for a large screen; with `part=1` its content alone, which the page fetches again."""
    if not has_cockpit(scope):
        return redirect(f"{reverse('board_tables')}?{urlencode(scope.query)}")
    is_part = request.GET.get("part") == "1"
    template = "mechanism/workbench/cockpit/_screen.html" if is_part else "mechanism/workbench/wall.html"
    return render(request, template, _context(scope) | {"is_wall": True})
