"""What can be done with people and organisations. One module per verb group."""

from accounts.services.contacts import ContactDetails, keep_contacts, reveal_contact
from accounts.services.members import add_member
from accounts.services.records import record, record_many

__all__ = ["ContactDetails", "add_member", "keep_contacts", "record", "record_many", "reveal_contact"]
