"""Regions, organisations, users and their memberships, sign-ups, contacts and their shares, uploaded sheets."""

from accounts.models.contacts import ERASED_NAME, ConsentWithdrawal, Contact, ContactShare
from accounts.models.organisations import Membership, Organisation, Region, Role, User
from accounts.models.sign_ups import SignUp
from accounts.models.source_files import SourceFile

__all__ = [
    "ERASED_NAME",
    "ConsentWithdrawal",
    "Contact",
    "ContactShare",
    "Membership",
    "Organisation",
    "Region",
    "Role",
    "SignUp",
    "SourceFile",
    "User",
]
