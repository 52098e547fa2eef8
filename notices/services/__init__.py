"""`notifications` writes notices, `read_status` marks them as read, `preferences` stores what a user wants mailed.

`digests` makes one mail a day of unread notices, `single_mails` writes to addresses without a user account, `sending`
delivers both.
"""

from notices.services.digests import make_digests
from notices.services.notifications import delete_notices, notify, notify_or_renew, withdraw_notices
from notices.services.preferences import save_preference, unsubscribe
from notices.services.read_status import mark_all_read, mark_read, settle_notices
from notices.services.sending import send_again, send_delivery, sweep_deliveries
from notices.services.single_mails import SingleMail, queue_single_mails, send_single_mails

__all__ = [
    "SingleMail",
    "delete_notices",
    "make_digests",
    "mark_all_read",
    "mark_read",
    "notify",
    "notify_or_renew",
    "queue_single_mails",
    "save_preference",
    "send_again",
    "send_delivery",
    "send_single_mails",
    "settle_notices",
    "sweep_deliveries",
    "unsubscribe",
    "withdraw_notices",
]
