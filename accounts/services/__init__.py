"""What can be done with people and organisations. One module per verb group."""

from accounts.services.contacts import (
    ContactDetails,
    RevealedContact,
    end_shares,
    keep_contacts,
    may_ask_for_contact,
    reveal_applicant,
    reveal_contact,
    share_contact,
)
from accounts.services.members import add_member, check_new_member, end_membership, reactivate_user, suspend_user
from accounts.services.organisations import add_organisation
from accounts.services.sign_ins import forget_old_attempts, unlock_user
from accounts.services.sign_ups import approve_sign_up, reject_sign_up, submit_sign_up
from accounts.services.source_files import ImportResult, first_problems, import_sheet, note_import, store_source_file
from audit.exports import recorded_workbook, watermark
from audit.services import record, record_many

__all__ = [
    "ContactDetails",
    "ImportResult",
    "RevealedContact",
    "add_member",
    "add_organisation",
    "approve_sign_up",
    "check_new_member",
    "end_membership",
    "end_shares",
    "first_problems",
    "forget_old_attempts",
    "import_sheet",
    "keep_contacts",
    "may_ask_for_contact",
    "note_import",
    "reactivate_user",
    "record",
    "record_many",
    "recorded_workbook",
    "reject_sign_up",
    "reveal_applicant",
    "reveal_contact",
    "share_contact",
    "store_source_file",
    "submit_sign_up",
    "suspend_user",
    "unlock_user",
    "watermark",
]
