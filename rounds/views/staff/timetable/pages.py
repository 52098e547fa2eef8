"""The timetable's answers to looking: the page, one version's board, where a meeting could go, what publishing does.
A district's staff look at the published version alone, in it at the meetings of their firms."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from rounds.models import DockingRound, Meeting, Timetable
from rounds.planning.cells import blocked_places
from rounds.planning.versions import placements_of
from rounds.services.meeting_moves import snapshot_of
from rounds.services.publishing import preview_publishing
from rounds.views.staff.timetable.board import Board, board_of, outcome_words, progress_words
from rounds.views.staff.timetable.part import part_of

READ, WRITE = "rounds.view_timetable", "rounds.change_timetable"
SECONDS = (20, 60, 120)
HAPPENINGS = ("no_show", "late", "back", "table", "hall")


def for_readers(view):
    """Only those who may look at timetables at all; the round comes as a row."""

    def guarded(request, round_id: int):
        if not request.user.has_perm(READ):
            raise PermissionDenied
        return view(request, get_object_or_404(DockingRound.objects.visible_to(request.user), pk=round_id))

    return guarded


def for_planners(view):
    """As `for_readers`, and only for those who see the meetings of the whole city."""

    @for_readers
    def guarded(request, docking_round: DockingRound):
        if not request.user.scope.sees_all:
            raise PermissionDenied
        return view(request, docking_round)

    return guarded


@require_safe
@for_readers
def timetable(request, docking_round: DockingRound):
    """The whole page, of the version of `?version=` or of the one to work with."""
    if not request.user.scope.sees_all:
        context = {"round": docking_round, "part": part_of(docking_round, request.user)}
        return render(request, "rounds/staff/timetable/part.html", context)
    board = board_of(docking_round, request.GET.get("version", ""))
    parties = docking_round.parties.coming().select_related("organisation").order_by("side", "organisation__name", "pk")
    context = context_of(request, board) | {
        "parties": parties,
        "seconds": SECONDS,
        "settings": {
            "urls": {
                name: reverse(f"admin:rounds_timetable_{name}", args=[docking_round.pk])
                for name in ("board", "cells", "preview", "do")
            },
            "mayChange": request.user.has_perm(WRITE),
        },
    }
    return render(request, "rounds/staff/timetable/page.html", context)


@require_safe
@for_planners
def board(request, docking_round: DockingRound):
    """One version's board, and how far its planning is."""
    return JsonResponse(answer(request, docking_round, request.GET.get("version", "")))


@require_safe
@for_planners
def cells(request, docking_round: DockingRound):
    """For the meeting of `?meeting=`: every table with what stands against it there, nothing where it could go."""
    row = _version(request, docking_round)
    meeting = get_object_or_404(
        Meeting.objects.managed_by(request.user), docking_round=docking_round, public_id=request.GET.get("meeting", "")
    )
    try:
        day = snapshot_of(row)
    except ValidationError as error:
        return JsonResponse({"message": " ".join(error.messages)}, status=409)
    if meeting.pk not in day.meetings:
        return JsonResponse({"message": day.excluded.get(meeting.pk, "这场洽谈已取消。")}, status=409)
    found = blocked_places(day, placements_of(row), meeting.pk)
    return JsonResponse({"cells": {"-".join(map(str, place)): words for place, words in found.items()}})


@require_safe
@for_planners
def preview(request, docking_round: DockingRound):
    """What publishing the version of `?version=` would do, before it is done."""
    row = _version(request, docking_round)
    try:
        found = preview_publishing(row)
    except ValidationError as error:
        return JsonResponse({"message": " ".join(error.messages)}, status=409)
    context = {"preview": found, "timetable": row}
    html = render_to_string("rounds/staff/timetable/preview.html", context, request)
    return JsonResponse({"html": html, "possible": not found.problems})


def answer(request, docking_round: DockingRound, version: str, message: str = "") -> dict:
    """What the page needs to show a version anew."""
    board = board_of(docking_round, version)
    return {
        "html": render_to_string("rounds/staff/timetable/board.html", context_of(request, board), request),
        "version": board.timetable.number if board.timetable else 0,
        "revision": board.timetable.revision if board.timetable else 0,
        "solving": board.is_solving,
        "progress": progress_words(board.timetable) if board.is_solving else "",
        "outcome": outcome_words(board.timetable) if board.timetable and not board.is_solving else "",
        "impossible": board.is_impossible,
        "message": message,
    }


def context_of(request, board: Board) -> dict:
    return {
        "board": board,
        "round": board.docking_round,
        "timetable": board.timetable,
        "may_change": request.user.has_perm(WRITE),
    }


def _version(request, docking_round: DockingRound) -> Timetable:
    number = request.GET.get("version", "")
    if not number.isdigit() or len(number) > 5:
        raise Http404
    return get_object_or_404(docking_round.timetables.select_related("docking_round"), number=number)
