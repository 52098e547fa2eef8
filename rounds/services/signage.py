"""Signage screens of the halls."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from rounds.models import DockingRound, Hall, SignageScreen
from rounds.services.event_day import may_lead

MAX_SCREENS = 20


@transaction.atomic
def open_screen(docking_round: DockingRound, *, hall: Hall | None, by: User) -> SignageScreen:
    """Create a public address that shows the seating of one hall or of all halls."""
    _check(docking_round, by)
    DockingRound.objects.select_for_update().get(pk=docking_round.pk)
    if SignageScreen.objects.open().filter(docking_round=docking_round).count() >= MAX_SCREENS:
        raise ValidationError("这次活动的大屏地址已有 %(most)s 个，请先停用不用的。" % {"most": MAX_SCREENS})
    screen = SignageScreen.objects.create(docking_round=docking_round, hall=hall, made_by=by)
    record("建立大屏地址", screen, by=by)
    return screen


@transaction.atomic
def close_screen(screen: SignageScreen, *, by: User) -> bool:
    """Disable the address of a screen. Returns False if it was disabled before."""
    _check(screen.docking_round, by)
    ended = SignageScreen.objects.filter(pk=screen.pk, ended_at=None).update(ended_at=timezone.now())
    if ended:
        record("停用大屏地址", screen, by=by)
    return bool(ended)


def _check(docking_round: DockingRound, by: User) -> None:
    if not may_lead(docking_round, by):
        raise PermissionDenied("只有市级专员和主办活动的区县专员可以设置现场大屏。")
