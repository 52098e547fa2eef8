"""Open work (待办) of an institution's office: patent fees, answers of completers, achievements that expire."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from open_work.sources import Clock, OpenWork
from portfolio.models import ItemProposal, PatentStatus, RenewalAnswer

EXPIRES_SOON = timedelta(days=30)
OFFICE = "本单位"


def portfolio_work(user: User) -> list[OpenWork]:
    """For officers of institutions; nothing for others."""
    if not user.scope.institution_ids:
        return []
    return [_renewal_answers(user), _proposals(user), _expiring(user), _patent_fees(user)]


def _renewal_answers(user: User) -> OpenWork:
    return OpenWork(
        "renewal-answers",
        "完成人的续期答复",
        RenewalAnswer.objects.visible_to(user).to_decide().select_related("achievement", "request__campaign"),
        Clock("answered_at"),
        reverse("renewal_answers"),
        "处理答复",
        OFFICE,
        lambda row: f"{reverse('renewal_answers')}#answer-{row.public_id}",
        title_of=lambda row: f"{row.achievement}：{row.get_status_display()}",
    )


def _proposals(user: User) -> OpenWork:
    return OpenWork(
        "item-proposals",
        "学院和完成人的修改建议",
        ItemProposal.objects.visible_to(user).pending().select_related("achievement"),
        Clock("proposed_at"),
        reverse("proposals"),
        "处理建议",
        OFFICE,
        lambda row: f"{reverse('proposals')}#proposal-{row.public_id}",
        title_of=lambda row: str(row.achievement),
    )


def _expiring(user: User) -> OpenWork:
    rows = Achievement.objects.managed_by(user).filter(
        institution__in=user.scope.institution_ids,
        status__in=Achievement.REVISABLE,
        expires_on__lte=timezone.localdate() + EXPIRES_SOON,
    )
    return OpenWork(
        "expiring-achievements",
        "30 天内到期或已到期的成果",
        rows,
        Clock("expires_on", due="expires_on"),
        f"{reverse('my_achievements')}?fresh=expiring",
        "续期",
        OFFICE,
        lambda row: reverse("achievement_edit", args=[row.public_id]),
    )


def _patent_fees(user: User) -> OpenWork:
    rows = PatentStatus.objects.visible_to(user).filter(achievement__institution__in=user.scope.institution_ids)
    return OpenWork(
        "patent-fees",
        "60 天内应缴或已过期的专利年费",
        rows.fee_due().select_related("achievement"),
        Clock("fee_due_on", due="fee_due_on"),
        f"{reverse('my_achievements')}?fresh=fees",
        "缴费后更新",
        OFFICE,
        lambda row: f"{reverse('achievement_file', args=[row.achievement.public_id])}#patents",
        title_of=lambda row: f"{row.number}（{row.achievement}）",
    )
