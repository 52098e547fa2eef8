"""What an officer does about an approach beside reminding: a note for colleagues, a broker once the sides agreed."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from audit.services import record
from brokers.models import Broker
from core.plain_text import clean_required_text
from enquiries.models import Approach, StaffNote
from enquiries.permissions import may_remind
from enquiries.services.thread import lock_approach
from matching.models import BrokerRequest
from matching.services.broker_requests import ask_broker

MOST_NOTES = 200


@transaction.atomic
def add_note(approach: Approach, *, text: str, by: User) -> StaffNote:
    """Raises PermissionDenied out of scope, ValidationError for a blank or long text."""
    row = lock_approach(approach)
    if not may_remind(row, by):
        raise PermissionDenied("备注由企业所在区市县和市科技局的专员填写。")
    text = clean_required_text(text, "请写下备注。", 500, name="备注")
    if row.staff_notes.count() >= MOST_NOTES:
        raise ValidationError(f"这里已有 {MOST_NOTES} 条备注，请另行记录。")
    note = StaffNote.objects.create(approach=row, text=text, by=by)
    record("主动对接：专员备注", row, by=by)
    return note


@transaction.atomic
def assign_broker(approach: Approach, *, broker: Broker, by: User, note: str = "") -> BrokerRequest:
    """Ask a broker to follow the pair. Only after both sides agreed, because a broker reads who they are.

    Raises PermissionDenied out of scope, ValidationError before, or while another broker is asked.
    """
    row = lock_approach(approach)
    if not may_remind(row, by):
        raise PermissionDenied("技术经纪人由企业所在区市县和市科技局委托。")
    if row.match is None:
        raise ValidationError("双方都同意转入对接后，才能委托技术经纪人跟进。")
    return ask_broker(row.match, broker=broker, by=by, note=note)
