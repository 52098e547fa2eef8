"""Notices about proposed changes of registered achievements."""

from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Role
from achievements.models import AchievementRevision
from notices.models import NoticeKind
from notices.recipients import officers_of
from notices.services import notify
from notices.services.notifications import NoticeDraft
from notices.texts.writing import write_sentence


def notify_revision_proposed(revision: AchievementRevision) -> None:
    """Tell the city's officers that changes wait for their decision; once a day for each achievement."""
    achievement = revision.achievement
    text = "成果“%(title)s”有修改待核对，请批准或退回。" % {"title": achievement.title[:60]}
    about = f"achievement {achievement.public_id}"
    key = f"{about} revision {timezone.localdate()}"
    path = reverse("admin:achievements_achievementrevision_change", args=[revision.pk])
    users = Membership.objects.active().filter(role=Role.CITY).values_list("user", flat=True)
    notify(NoticeDraft(user, NoticeKind.PROGRESS, text, path, about, key) for user in users)


def notify_revision_decided(revision: AchievementRevision) -> None:
    """Tell the institution's officers whether the changes are registered."""
    achievement = revision.achievement
    is_accepted = revision.status == AchievementRevision.Status.ACCEPTED
    text_key = "achievements.revision_accepted" if is_accepted else "achievements.revision_rejected"
    text = write_sentence(text_key, {"成果": achievement.title[:60]})
    about = f"achievement {achievement.public_id}"
    key = f"{about} revision {revision.public_id} {revision.status}"
    path = reverse("achievement_edit", args=[achievement.public_id])
    users = officers_of({achievement.institution_id}, Role.INSTITUTION)[achievement.institution_id]
    notify(NoticeDraft(user, NoticeKind.PROGRESS, text, path, about, key) for user in users)
