"""Names of the sides of a meeting for the reader of a page: `{% name_of meeting meeting.firm_party user %}`."""

from django import template

from accounts.names import Reader, knows_name
from rounds.models import Meeting, Party

register = template.Library()
register.simple_tag(Meeting.name_of, name="name_of")
register.simple_tag(Meeting.pair_for, name="pair_for")


@register.simple_tag
def is_known_absent(meeting: Meeting, party: Party, reader: Reader) -> bool:
    """Whether the reader may see beside this meeting that the side is absent: beside an alias it would name the party
    that is marked as absent elsewhere."""
    return party.absent_at is not None and knows_name(party.organisation, reader, meeting)
