"""Before anybody has signed, no figure is public."""

from datetime import date

from django.urls import reverse

from tests import factories as make
from tests.mechanism.closing.closed_city import YEAR


def test_without_a_signature_nothing_is_public(client, db):
    make.contract(registered_on=date(YEAR, 1, 1))
    answer = client.get(reverse("public_figures"))
    assert answer.status_code == 200
    assert "还没有签发的数据" in answer.content.decode()
    assert client.get("/api/v1/figures/").json() == []
    assert client.get(reverse("public_figures"), {"year": YEAR}).status_code == 404
