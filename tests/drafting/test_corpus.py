"""What is read of documents of many layouts: a field is read, proposed, left as a gap, or wrong."""

import time

import pytest

from tests import factories
from tests.drafting.corpus import DEVELOPMENT, UNIVERSITY
from tests.drafting.held_out import HELD_OUT
from tests.drafting.measuring import measure

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return factories.institution_officer(factories.institution(UNIVERSITY))


def test_development(office):
    t=time.time()
    for m in [measure(DEVELOPMENT, office),measure(HELD_OUT, office)]:
        print(len(m.right), len(m.proposed), len(m.missed), len(m.wrong), m.share, time.time()-t)
        for name in ("silent", "wrong", "missed"):
            print(name); [print("   ", x) for x in getattr(m, name)]
    assert 0
