"""Attempts to move the figures: what the check says of each, or which refusal stops it."""

import pytest
from django.db import transaction

from integrity.models import Case
from integrity.services.scanning import scan
from tests.integrity.cheats import CHEATS, Seen
from tests.integrity.town import Town

pytestmark = [pytest.mark.django_db, pytest.mark.long]


@pytest.fixture(scope="module")
def town(django_db_setup, django_db_blocker):
    """All attempts in one town, each by people of its own; then one scan."""
    with django_db_blocker.unblock(), transaction.atomic():
        town = Town()
        town.expected, town.failures = {}, {}
        for name, attempt in CHEATS.items():
            try:
                with transaction.atomic():
                    town.expected[name] = attempt(town)
            except Exception as error:  # shown by its own test
                town.failures[name] = error
        town.import_list()
        town.scan = scan()
        yield town
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", CHEATS)
def test_each_attempt_is_seen_or_refused(town, name):
    if name in town.failures:
        raise town.failures[name]
    expected = town.expected[name]
    if not isinstance(expected, Seen):
        return  # refused, as the attempt itself has checked
    cases = Case.objects.filter(signal=expected.signal, parties__contains=expected.party)
    assert [case for case in cases if expected.words in case.sentence], [
        *cases.values_list("sentence", flat=True),
        *Case.objects.filter(parties__contains=expected.party).values_list("signal", "sentence"),
    ]


def test_a_second_scan_of_the_same_records_changes_nothing(town):
    before = sorted(Case.objects.values_list("pk", "facts_hash", "revision", "status"))

    again = scan()

    assert (again.opened, again.changed, again.gone) == (0, 0, 0)
    assert sorted(Case.objects.values_list("pk", "facts_hash", "revision", "status")) == before
