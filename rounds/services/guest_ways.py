"""All ways by which messages to guests went out, each with its own state: what stands behind the one state of a row.

A message by mail is also a notice in the accounts of its guest, and the notice may be pushed as 短信 or 企业微信 and
named in the daily mail.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from accounts.models import Membership
from notices.models import Delivery, Notice
from rounds.models import GuestMessage

Status = Delivery.Status
READ, DELIVERED, SENT, UNREAD, WAITING = "已读", "送达", "已发", "未读", "待发出"
RETURNED, FAILED, DROPPED = "退回", "失败", "不再发"
ORDER = (READ, DELIVERED, SENT, UNREAD, WAITING, RETURNED, FAILED, DROPPED)
"""In which the states of one way are named."""

MAIL_STATES: dict[str, str] = {Status.SENT: SENT, Status.QUEUED: WAITING, Status.DROPPED: DROPPED}
PUSH_STATES: dict[str, str] = {Status.SENT: SENT, Status.QUEUED: WAITING}


@dataclass(frozen=True)
class WayUsed:
    """`words`: the state; with how many in each state if there are several addresses or users."""

    name: str
    words: str


def ways_used(messages: Collection[GuestMessage]) -> dict[int, list[WayUsed]]:
    """{message: its ways, in the order in which they were tried}. Three queries. The messages have `party`."""
    mails = _mails(messages)
    notices = _notices(messages)
    return {
        message.pk: list(_ways(message, mails[message.pk], notices[message.party.organisation_id, message.notice_key]))
        for message in messages
    }


def _ways(message: GuestMessage, mails: list[Delivery], notices: list[Notice]) -> Iterator[WayUsed]:
    if mails:
        yield _way("邮件", [_mail_state(mail) for mail in mails])
    if notices:
        yield _way("平台消息", [READ if notice.read_at else UNREAD for notice in notices])
        pushes = [notice.push for notice in notices if hasattr(notice, "push")]
        if states := [_push_state(push) for push in pushes if push.status != Status.DROPPED]:
            yield _way("短信或企业微信", states)
        if digests := {notice.mail for notice in notices if notice.mail}:
            yield _way("每天一封的邮件", [_mail_state(mail) for mail in digests])
    if message.way == GuestMessage.Way.CALL or message.outcome:
        yield WayUsed("电话", str(message.get_outcome_display()) if message.outcome else "待电话")


def _way(name: str, states: list[str]) -> WayUsed:
    counts = Counter(states)
    words = "，".join(f"{state} {counts[state]}" for state in ORDER if counts[state])
    return WayUsed(name, words if len(states) > 1 else states[0])


def _mail_state(mail: Delivery) -> str:
    return MAIL_STATES.get(mail.status, RETURNED)


def _push_state(push: Delivery) -> str:
    if push.delivered_at:
        return DELIVERED
    return PUSH_STATES.get(push.status, FAILED)


def _mails(messages: Collection[GuestMessage]) -> dict[int, list[Delivery]]:
    links = GuestMessage.deliveries.through.objects.filter(guestmessage__in=[row.pk for row in messages])
    mails: dict[int, list[Delivery]] = defaultdict(list)
    for link in links.select_related("delivery").order_by("delivery_id"):
        mails[link.guestmessage_id].append(link.delivery)
    return mails


def _notices(messages: Collection[GuestMessage]) -> dict[tuple[int, str], list[Notice]]:
    """{(organisation, key): the notices of its users}. A notice that was withdrawn has lost its key."""
    keys = {row.notice_key for row in messages if row.notice_key}
    organisations = {row.party.organisation_id for row in messages}
    of_user: dict[int, list[int]] = defaultdict(list)
    members = Membership.objects.filter(organisation__in=organisations).values_list("user", "organisation").distinct()
    for user, organisation in members:
        of_user[user].append(organisation)
    rows = Notice.objects.active().filter(recipient__in=list(of_user), key__in=keys).select_related("mail", "push")
    notices: dict[tuple[int, str], list[Notice]] = defaultdict(list)
    for notice in rows.order_by("pk"):
        for organisation in of_user[notice.recipient_id]:
            notices[organisation, notice.key].append(notice)
    return notices
