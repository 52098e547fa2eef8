"""Both sides of a meeting tap at the same moment. Apart from `test_two_key_consent`, whose rows a transactional test
would empty.
"""

from uuid import uuid4

import pytest

from matching.models import ConfirmationRequest, SideStatement
from rounds.models import Meeting
from rounds.services.outcomes import record_outcome
from tests.attacks.test_two_key_consent import INTENT, follow_up, new_talk, say
from tests.concurrency import run_both


@pytest.mark.django_db(transaction=True)
@pytest.mark.long
def test_both_tap_at_the_same_moment():
    talk = new_talk()
    say(talk, "host", by=talk.users.city)

    def tap(side, party):
        meeting = Meeting.objects.get(pk=talk.meeting.pk)
        return record_outcome(meeting, INTENT, side=side, party=party, key=uuid4())

    run_both(lambda: tap("firm", talk.firm), lambda: tap("office", talk.office))
    assert follow_up(talk).status == "intent"
    assert SideStatement.objects.own().count() == 2
    assert not ConfirmationRequest.objects.open().exists()
