"""Notices and mails after a meeting: the follow-up continues, surveys of 30, 60 and 90 days, a pair did not fit.

The firm gets mail; the institution reads only the category of a reason, never the text somebody wrote.
"""

from django.conf import settings
from django.urls import reverse
from django.utils.dateformat import format as format_date

from accounts.models import Role, User
from matching.models import FollowUpCheck, Match
from matching.services.notifications import Side, describe_pair
from notices.models import NoticeKind
from notices.recipients import addresses_of, officers_of
from notices.services import SingleMail, notify, send_single_mails, settle_notices
from notices.services.notifications import NoticeDraft
from notices.texts.writing import write_sentence, write_text


def notify_unfit(match: Match, reason: str, key: str) -> None:
    """Tell the institution the category of the reason, without naming the firm."""
    values = {"成果": match.achievement.title[:80], "原因": str(Match.RejectReason(reason).label)}
    text = write_sentence("matching.unfit", values)
    institution = match.achievement.institution_id
    about = f"unfit {match.public_id}"
    path = reverse("talk_feedback")
    notify(
        NoticeDraft(person, NoticeKind.SIDES, text, path, about, f"{about} {key} {reason}")
        for person in officers_of([institution], Role.INSTITUTION)[institution]
    )


def send_check(check: FollowUpCheck, *, is_reminder: bool = False) -> None:
    """Mail the link to the firm and notify its officers; if no address is known, ask the owner to telephone."""
    row = check.follow_up
    firm = row.match.demand.firm
    addresses = _mail_addresses(check)
    written = write_text(
        "matching.follow_up_check",
        {
            "单位": firm.name,
            "提醒": "我们还没有收到贵单位的答复。" if is_reminder else "",
            "洽谈日期": format_date(check.met_on, "Y年n月j日"),
            "院校": row.match.achievement.institution.name,
            "成果": row.match.achievement.title,
            "几天": check.get_kind_display(),
            "答复链接": check_url(check),
        },
    )
    send_single_mails(SingleMail(address, written.subject, written.body) for address in sorted(addresses))
    key = f"{check.about} {'remind' if is_reminder else 'asked'}"
    pair = describe_pair(row.match)
    text = write_sentence("matching.check", {"几天": str(check.get_kind_display()), "匹配": pair})
    officers = officers_of([firm.pk], Role.FIRM)[firm.pk]
    link = reverse("check", args=[check.code])
    drafts = [NoticeDraft(person, NoticeKind.CHECK, text, link, check.about, key) for person in officers]
    if not addresses and not officers:
        text = "企业没有邮箱，请电话回访：%(pair)s。" % {"pair": pair}
        path = reverse("follow_up", args=[row.public_id])
        drafts.append(NoticeDraft(row.owner_id, NoticeKind.CHECK, text, path, check.about, f"{key} by phone"))
    notify(drafts)


def notify_check_answered(check: FollowUpCheck, by: User | None) -> None:
    settle_notices(check.about, [NoticeKind.CHECK])
    row = check.follow_up
    if by is not None and by.pk == row.owner_id:
        return
    text = "%(kind)s回访，企业答复“%(answer)s”：%(pair)s。" % {
        "kind": check.get_kind_display(),
        "answer": check.get_answer_display(),
        "pair": describe_pair(row.match),
    }
    path = reverse("follow_up", args=[row.public_id])
    notify([NoticeDraft(row.owner_id, NoticeKind.CHECK, text, path, check.about, f"{check.about} answered")])


def check_url(check: FollowUpCheck) -> str:
    return f"{settings.SITE_ADDRESS}{reverse('check', args=[check.code])}"


def _mail_addresses(check: FollowUpCheck) -> set[str]:
    """Addresses of the firm's officers and of the contact it named for the follow-up."""
    row = check.follow_up
    firm = row.match.demand.firm
    responses = row.responses.filter(side=Side.FIRM, contact__withdrawn_at=None).exclude(contact=None)
    contact = responses.values_list("contact__email", flat=True).first()
    return set(addresses_of([firm.pk], Role.FIRM)[firm.pk]) | ({contact} if contact else set())
