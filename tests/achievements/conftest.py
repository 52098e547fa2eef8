from datetime import date

import pytest

from accounts.models import Organisation
from achievements.intake.reading import SheetContext
from taxonomy.models import Industry
from tests import factories
from tests.achievements.oddities.judge import INSTITUTIONS


@pytest.fixture
def intake_context(db):
    """What readers of a collection sheet know, with the institutions of the lists of odd cells."""
    institutions = {}
    for name, short in INSTITUTIONS.items():
        institution = factories.institution(name)
        Organisation.objects.filter(pk=institution.pk).update(short_name=short)
        institutions[institution.pk] = (name, short)
    slugs = dict(Industry.objects.values_list("pk", "slug"))
    return SheetContext(institutions, slugs, frozenset(), "0411", date(2026, 11, 30))
