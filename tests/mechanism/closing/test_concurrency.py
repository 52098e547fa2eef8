"""Two officers sign the same version at the same moment."""

import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from mechanism.closing.sealing import prove
from mechanism.models import FigureVersion
from mechanism.services.closing import check_month, sign_version
from tests import factories as make
from tests.concurrency import run_both
from tests.mechanism.closing.closed_city import DECEMBER, build_city


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_of_two_who_sign_at_the_same_moment_one_signs():
    city = build_city(firms=2)
    third = make.user("city_officer", city.signer.memberships.get().organisation, name="另一人")
    version = check_month(DECEMBER, by=city.checker)

    def sign(user: User) -> str:
        try:
            own = FigureVersion.objects.get(pk=version.pk)
            sign_version(own, by=User.objects.get(pk=user.pk), content_hash=version.content_hash)
        except ValidationError as error:
            return error.messages[0]
        return ""

    first, second = sorted(run_both(lambda: sign(city.signer), lambda: sign(third)), key=len)
    assert first == ""
    assert "签发" in second
    version.refresh_from_db()
    assert prove(version).is_sealed
