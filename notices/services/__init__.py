"""Telling people: `telling` writes notices, `digests` makes a day's mail of them, `letters` writes to an address that
belongs to no user, `sending` lets them out."""

from notices.services.digests import make_digests
from notices.services.letters import Letter, send_letters
from notices.services.reading import mark_all_read, mark_read, save_preference, settle_notices, stop_mail
from notices.services.sending import send_again, send_delivery, sweep_deliveries
from notices.services.telling import forget_notices, notify, withdraw_notices

__all__ = [
    "Letter",
    "forget_notices",
    "make_digests",
    "mark_all_read",
    "mark_read",
    "notify",
    "save_preference",
    "send_again",
    "send_delivery",
    "send_letters",
    "settle_notices",
    "stop_mail",
    "sweep_deliveries",
    "withdraw_notices",
]
