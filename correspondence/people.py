"""The completers of an achievement as the office picks one, without storing a name."""

from accounts.models import Contact
from achievements.models import Achievement
from portfolio.services.consents import consent_fingerprint, consents_of


def completers_of(achievement: Achievement) -> dict[str, str]:
    """{fingerprint: name} of the lead and the other completers, without those who withdrew their consent."""
    return {
        consent_fingerprint(achievement, name): name
        for name, consent in consents_of(achievement)
        if consent is None or consent.revoked_at is None
    }


def name_behind(achievement: Achievement, fingerprint: str) -> str:
    """The name, while the person stands among the completers. Reads `completers`: prefetch them for a list."""
    names = [achievement.lead_person, *(row.name for row in achievement.completers.all())]
    return next((name for name in names if name and consent_fingerprint(achievement, name) == fingerprint), "完成人")


def address_of(achievement: Achievement, name: str) -> str:
    """The mail address of the achievement's contact, if the contact is this person and has consented. Or empty."""
    contact: Contact | None = achievement.contact
    if contact is None or contact.name != name or not may_be_written_to(contact):
        return ""
    return contact.email


def may_be_written_to(contact: Contact) -> bool:
    return bool(contact.email and contact.consented_at and not contact.withdrawn_at)
