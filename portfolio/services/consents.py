"""同意公开: a completer's consent for an achievement, given by link or recorded by the office, and its withdrawal."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import Role, User
from achievements.models import Achievement
from achievements.permissions import represents_institution
from achievements.services.lifecycle import pause_for_consent
from audit.services import record
from core.masking import mask_name
from notices.models import NoticeKind
from notices.recipients import officers_of
from notices.services import notify
from notices.services.notifications import NoticeDraft
from notices.texts.writing import write_sentence
from portfolio.models import CompleterConsent


def consents_of(achievement: Achievement) -> list[tuple[str, CompleterConsent | None]]:
    """(name, the consent in force or the last one that was withdrawn) of the lead and every completer."""
    names = list(dict.fromkeys([achievement.lead_person, *achievement.completers.values_list("name", flat=True)]))
    rows = {row.fingerprint: row for row in achievement.consents.order_by("given_at", "pk")}
    return [(name, rows.get(consent_fingerprint(achievement, name))) for name in names if name]


def consent_in_force(achievement: Achievement, name: str) -> CompleterConsent | None:
    return achievement.consents.given().filter(fingerprint=consent_fingerprint(achievement, name)).first()


def give_consent(achievement: Achievement, name: str, *, by: User | None) -> None:
    """Record the consent of a completer: by the office, or by the person through a link (`by` None).

    Does nothing if it is in force. Raises PermissionDenied, ValidationError for somebody who is no completer.
    """
    if by is not None and not represents_institution(achievement, by):
        raise PermissionDenied("“%(title)s”不是您单位的成果。" % {"title": achievement})
    if name not in {known for known, _consent in consents_of(achievement)}:
        raise ValidationError("成果里没有这位完成人。")
    if consent_in_force(achievement, name):
        return
    try:
        with transaction.atomic():
            CompleterConsent.objects.create(
                achievement=achievement, fingerprint=consent_fingerprint(achievement, name), recorded_by=by
            )
            record("登记完成人同意", achievement, by=by, changes={"person": [None, mask_name(name)]})
    except IntegrityError:  # a second press at the same time
        return


@transaction.atomic
def end_consent(consent: CompleterConsent, name: str, *, by: User) -> None:
    """Withdraw a consent at the request of the person, which the handler of personal data carries out.

    Who no longer stands among the completers has nothing to pause. Does nothing if it is withdrawn already.
    """
    achievement = consent.achievement
    if consent.revoked_at is None and name in {known for known, _consent in consents_of(achievement)}:
        _revoke(achievement, name, by=by)
        return
    if CompleterConsent.objects.given().filter(pk=consent.pk).update(revoked_at=timezone.now()):
        record("撤回完成人同意", achievement, by=by, changes={"person": [None, mask_name(name)]})


@transaction.atomic
def revoke_consent(achievement: Achievement, name: str, *, by: User | None) -> None:
    """Withdraw it: the achievement is paused if it is on offer, and the office is told.

    Raises PermissionDenied, ValidationError if no consent is in force.
    """
    if by is not None and not represents_institution(achievement, by):
        raise PermissionDenied("“%(title)s”不是您单位的成果。" % {"title": achievement})
    if name not in {known for known, _consent in consents_of(achievement)}:
        raise ValidationError("成果里没有这位完成人。")
    _revoke(achievement, name, by=by)


def _revoke(achievement: Achievement, name: str, *, by: User | None) -> None:
    now, fingerprint = timezone.now(), consent_fingerprint(achievement, name)
    own = CompleterConsent.objects.filter(achievement=achievement, fingerprint=fingerprint)
    if not own.given().update(revoked_at=now):
        if own.exists():
            raise ValidationError("这位完成人的同意已经撤回。")
        # Who was never asked may refuse as well.
        CompleterConsent.objects.create(
            achievement=achievement, fingerprint=fingerprint, given_at=now, revoked_at=now, recorded_by=by
        )
    record("撤回完成人同意", achievement, by=by, changes={"person": [None, mask_name(name)]})
    achievement.refresh_from_db()
    paused = achievement.status in Achievement.OFFERED
    if paused:
        pause_for_consent(achievement, by=by)
    _tell_office(achievement, name, paused=paused)


def check_consents(achievement: Achievement) -> None:
    """Raise ValidationError if a completer has withdrawn the consent and not given it again."""
    withdrawn = [mask_name(name) for name, row in consents_of(achievement) if row and row.revoked_at]
    if withdrawn:
        raise ValidationError(
            "%(who)s撤回了公开的同意。请先取得本人同意并登记，再恢复。" % {"who": "、".join(withdrawn)}
        )


def _tell_office(achievement: Achievement, name: str, *, paused: bool) -> None:
    values = {
        "完成人": mask_name(name),
        "成果": achievement.title[:60],
        "处理": "，成果已暂停对接、不再公开" if paused else "",
    }
    text = write_sentence("portfolio.consent_withdrawn", values)
    about = f"achievement {achievement.public_id}"
    key = f"{about} consent {timezone.now().isoformat()}"
    path = reverse("achievement_file", args=[achievement.public_id])
    users = officers_of({achievement.institution_id}, Role.INSTITUTION)[achievement.institution_id]
    notify(NoticeDraft(user, NoticeKind.PROGRESS, text, path, about, key) for user in users)


def consent_fingerprint(achievement: Achievement, name: str) -> str:
    return person_fingerprint(achievement.institution_id, name)


def person_fingerprint(institution_id: int, name: str) -> str:
    """Keyed hash by which consents and handovers name a completer of the institution."""
    text = f"{institution_id}:{name.strip()}"
    return salted_hmac("portfolio.consent", text, algorithm="sha256").hexdigest()
