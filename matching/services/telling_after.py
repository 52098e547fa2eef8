"""What people are told after a talk: who follows it, the questions of 30, 60 and 90 days, why something did not fit.

The firm is written to; the institution reads a reason of the list and nobody's own words.
"""

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Role, User
from matching.models import FollowUp, FollowUpCheck, Match
from matching.services.telling import SPEAKER, Side, pair_of
from notices.models import NoticeKind
from notices.recipients import addresses_of, officers_of
from notices.services import SingleMail, notify, send_single_mails, settle_notices
from notices.services.notifications import NoticeDraft


def followed(follow_up: FollowUp, by: User | None) -> None:
    """Both sides and whoever follows it learn that the pair is followed after their talk."""
    match = follow_up.match
    people = {follow_up.owner_id}
    for side, organisation in ((Side.FIRM, match.demand.firm_id), (Side.OFFICE, match.achievement.institution_id)):
        people |= set(officers_of([organisation], SPEAKER[side])[organisation])
    text = _("洽谈后继续跟进，由%(who)s负责：%(pair)s。") % {"who": follow_up.owner, "pair": pair_of(match)}
    path = reverse("follow_up", args=[follow_up.public_id])
    key = f"{follow_up.about} met {follow_up.steps.count()}"
    notify(
        NoticeDraft(person, NoticeKind.SIDES, text, path, follow_up.about, key)
        for person in people - {by.pk if by else None}
    )


def unfit(match: Match, reason: str, key: str) -> None:
    """The institution learns what kind of reason there was, and not from whom."""
    text = _("成果“%(title)s”在洽谈后收到一条反馈：%(reason)s。") % {
        "title": match.achievement.title[:80],
        "reason": Match.RejectReason(reason).label,
    }
    office = match.achievement.institution_id
    about = f"unfit {match.public_id}"
    path = reverse("talk_feedback")
    notify(
        NoticeDraft(person, NoticeKind.SIDES, text, path, about, f"{about} {key} {reason}")
        for person in officers_of([office], Role.INSTITUTION)[office]
    )


def ask(check: FollowUpCheck, *, is_reminder: bool = False) -> None:
    """The firm gets the link by mail, its officers find it in their list. Where no address is known, the owner is told
    to telephone."""
    row = check.follow_up
    firm = row.match.demand.firm
    addresses = set(addresses_of([firm.pk], Role.FIRM)[firm.pk])
    contact = row.sides.filter(side=Side.FIRM).exclude(contact=None).values_list("contact__email", flat=True).first()
    addresses |= {contact} if contact else set()
    context = {
        "check": check,
        "match": row.match,
        "address": address_of(check),
        "site": settings.SITE,
        "is_reminder": is_reminder,
    }
    body = render_to_string("matching/mail/check.txt", context)
    subject = _("请答复洽谈进展：%(title)s") % {"title": row.match.achievement.title[:80]}
    send_single_mails(SingleMail(address, subject, body) for address in sorted(addresses))
    what = "remind" if is_reminder else "asked"
    text = _("洽谈 %(kind)s了，请答复进展：%(pair)s。") % {
        "kind": check.get_kind_display(),
        "pair": pair_of(row.match),
    }
    path = reverse("follow_up", args=[row.public_id])
    speakers = officers_of([firm.pk], Role.FIRM)[firm.pk]
    lines = [
        NoticeDraft(
            person, NoticeKind.CHECK, text, reverse("check", args=[check.code]), check.about, f"{check.about} {what}"
        )
        for person in speakers
    ]
    if not addresses and not speakers:
        words = _("企业没有邮箱，请电话回访：%(pair)s。") % {"pair": pair_of(row.match)}
        lines.append(
            NoticeDraft(row.owner_id, NoticeKind.CHECK, words, path, check.about, f"{check.about} {what} by phone")
        )
    notify(lines)


def answered(check: FollowUpCheck, by) -> None:
    settle_notices(check.about, [NoticeKind.CHECK])
    row = check.follow_up
    if by is not None and by.pk == row.owner_id:
        return
    text = _("%(kind)s回访，企业答复“%(answer)s”：%(pair)s。") % {
        "kind": check.get_kind_display(),
        "answer": check.get_answer_display(),
        "pair": pair_of(row.match),
    }
    path = reverse("follow_up", args=[row.public_id])
    notify([NoticeDraft(row.owner_id, NoticeKind.CHECK, text, path, check.about, f"{check.about} answered")])


def address_of(check: FollowUpCheck) -> str:
    return settings.SITE_ADDRESS + reverse("check", args=[check.code])
