"""Papers of a round are rendered by a worker: a request creates a row, the worker adds the file or the error."""

import logging
import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import Region, User
from audit.services import record
from core.database_clock import database_now
from core.task_queue import enqueue
from rounds.models import DockingRound, Paper, Party
from rounds.papers import content
from rounds.papers.pdf import PdfRenderingError, render_pdf
from rounds.services.guests import mark_letters_printed
from rounds.services.invitations import invitation_letters

log = logging.getLogger(__name__)
MAX_WAITING_MINUTES = 2
"""A paper queued for longer counts as lost and is sent again by the sweeper."""


@transaction.atomic
def request_paper(docking_round: DockingRound, kind: str, *, by: User) -> Paper:
    """Queue a paper: for the city of all parties, for a district of its own firms.

    Raises PermissionDenied, ValidationError.
    """
    if kind not in Paper.Kind.values:
        raise ValidationError("没有这种会议材料。")
    region = _permitted_region(kind, by)
    DockingRound.objects.select_for_update(of=["self"]).get(pk=docking_round.pk)  # serialises simultaneous requests
    waiting = Paper.objects.queued().filter(docking_round=docking_round, kind=kind, region=region)
    if waiting.exists():
        raise ValidationError("这份材料正在生成，请稍候刷新。")
    paper = Paper.objects.create(docking_round=docking_round, kind=kind, region=region, made_by=by)
    record("生成会议材料", docking_round, by=by, changes={"kind": [None, paper.get_kind_display()]})
    transaction.on_commit(partial(send_paper, paper.pk), robust=True)
    return paper


def send_paper(paper_id: int) -> None:
    """Send a paper to a worker; if the broker is lost, the sweeper sends it later."""
    if not enqueue("rounds.tasks.make_paper", paper_id):
        log.warning("paper %s: broker lost, the sweeper will send it again", paper_id)


def make_paper(paper_id: int) -> None:
    """Render a queued paper. Idempotent: a second worker waits for the lock and finds it done. Errors are stored as
    text for the person who asked."""
    with transaction.atomic():
        rows = Paper.objects.queued().select_for_update(of=["self"]).select_related("docking_round__host", "region")
        paper = rows.filter(pk=paper_id).first()
        if paper is None:
            return
        try:
            with transaction.atomic():
                made, pages = render_pdf(paper_html(paper))
        except PdfRenderingError as problem:
            _finish(paper, status=Paper.Status.FAILED, problem=str(problem)[:300])
            return
        except Exception:
            log.exception("paper %s could not be set", paper_id)
            words = "排版时出错，已记入日志。请稍后再试；仍不行请联系系统管理员。"
            _finish(paper, status=Paper.Status.FAILED, problem=words)
            return
        paper.file.save(f"{secrets.token_hex(16)}.pdf", ContentFile(made), save=False)
        _finish(paper, status=Paper.Status.DONE, file=paper.file.name, pages=pages)


def mark_fetched_letters_printed(paper: Paper, *, by: User) -> int:
    """Mark the letters in a downloaded file as printed.

    Returns how many; 0 for other papers and for users who may not change parties.
    """
    if paper.kind != Paper.Kind.LETTERS or not by.has_perm("rounds.change_party"):
        return 0
    waiting = Party.objects.managed_by(by).to_be_printed()
    waiting = waiting.filter(docking_round=paper.docking_round_id, invited_at__lte=paper.made_at)
    if paper.region_id:
        waiting = waiting.filter(organisation__stat_region=paper.region_id)
    return mark_letters_printed(waiting.select_related("organisation"), by=by)


def sweep_papers() -> int:
    """Send papers again that have been queued for too long; return how many."""
    now = database_now()
    before = now - timedelta(minutes=MAX_WAITING_MINUTES)
    is_lost = Q(made_at__lt=before) | Q(made_at__gt=now)  # a time in the future was written by a wrong clock
    lost = list(Paper.objects.queued().filter(is_lost).values_list("pk", flat=True))
    for pk in lost:
        send_paper(pk)
    return len(lost)


def paper_html(paper: Paper) -> str:
    """Return the HTML page that WeasyPrint renders. Raises PdfRenderingError if there is nothing to print."""
    docking_round = paper.docking_round
    parties = Party.objects.filter(docking_round=docking_round)
    if paper.region_id:
        parties = parties.filter(organisation__stat_region=paper.region_id, side=Party.Side.FIRM)
    makers: dict[str, Callable[[], dict[str, Any]]] = {
        Paper.Kind.BOOKLET: lambda: content.booklet(docking_round),
        Paper.Kind.PLANS: lambda: content.plans(docking_round, parties),
        Paper.Kind.TABLE_CARDS: lambda: content.table_cards(docking_round),
        Paper.Kind.BADGES: lambda: content.badges(docking_round),
        Paper.Kind.SIGN_IN: lambda: content.sign_in(docking_round),
        Paper.Kind.LETTERS: lambda: content.letters(invitation_letters(docking_round, paper.made_by), paper.region_id),
    }
    made = makers[paper.kind]()
    context = {"round": docking_round, "title": str(paper), "region": paper.region, "made_at": paper.made_at} | made
    return render_to_string(f"rounds/papers/{paper.kind}.html", context)


def _finish(paper: Paper, **columns: Any) -> None:
    now = timezone.now()
    Paper.objects.filter(pk=paper.pk, status=Paper.Status.QUEUED).update(finished_at=now, **columns)


def _permitted_region(kind: str, by: User) -> Region | None:
    """Return the region of a paper; None for city staff. Raises PermissionDenied."""
    scope = by.scope
    if not by.has_perm("rounds.add_paper"):
        raise PermissionDenied("您没有生成会议材料的权限。")
    if scope.is_city:
        return None
    region = Region.objects.filter(pk__in=scope.region_ids).order_by("order").first()
    if not scope.is_district or region is None or kind not in Paper.DISTRICTS:
        raise PermissionDenied("区市县可以生成本地企业的邀请函和洽谈安排。")
    return region
