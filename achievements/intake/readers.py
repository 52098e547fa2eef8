"""The reader of each column of the collection sheet."""

from achievements.intake.contacts import read_email, read_phone
from achievements.intake.days import read_day
from achievements.intake.institutions import read_institution
from achievements.intake.levels import (
    read_evaluation_parts,
    read_keywords,
    read_level,
    read_non_secret,
    read_secrecy,
    read_yes_no,
    strict_reader,
    text_reader,
)
from achievements.intake.people import read_completers, read_contact_name, read_lead
from achievements.intake.prices import read_price
from achievements.intake.reading import Reader
from achievements.intake.rights import read_rights
from achievements.intake.words import choice_reader, read_industry, read_stage, read_ways

_PUBLIC_TEXTS = [
    "college",
    "partner_names",
    "applied_industry",
    "discipline",
    "indicators",
    "innovation",
    "scenario",
    "economics",
    "limits",
    "evaluated_by",
    "maturity_evidence",
    "wanted_partner",
    "transferred_note",
]

READERS: dict[str, Reader] = {
    "title": text_reader(required=True, title=True),
    "institution": read_institution,
    "lead_person": read_lead,
    "completers": read_completers,
    "category": choice_reader("category", takes_first=True),
    "form": choice_reader("form", takes_first=True),
    "attribute": choice_reader("attribute"),
    "industry": read_industry,
    "keywords": read_keywords,
    "secrecy": read_secrecy,
    "summary": text_reader(required=True),
    "intellectual_property": read_rights,
    "standing": choice_reader("standing"),
    "evaluation_parts": read_evaluation_parts,
    "evaluation": choice_reader("evaluation"),
    "evaluated_on": read_day,
    "national_number": strict_reader,
    "stage": read_stage,
    "maturity_scale": choice_reader("maturity_scale"),
    "maturity_level": read_level,
    "transfer_ways": read_ways,
    "price": read_price,
    "pay_later": read_yes_no,
    "funds_needed": read_price,
    "willingness": choice_reader("willingness"),
    "contact_name": read_contact_name,
    "contact_phone": read_phone,
    "contact_email": read_email,
    "contact_consents": read_yes_no,
    "non_secret": read_non_secret,
    **{key: text_reader() for key in _PUBLIC_TEXTS},
}
