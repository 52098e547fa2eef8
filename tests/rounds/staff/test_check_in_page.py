"""What the check-in page lets a browser keep, and the badge that it prints."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core.kept_pages import COOKIE, KEEP_UNTIL
from rounds.models import DockingRound
from rounds.papers.pdf import lay_out
from rounds.views.staff import check_in
from tests import factories as make
from tests.rounds.day.fixtures import running


@pytest.fixture
def event(db):
    return running()


def test_page_may_be_kept_by_one_sign_in_while_the_day_lasts(event, signed_in):
    client = signed_in(make.city_officer())
    address = reverse("admin:rounds_day_check_in", args=[event.round.public_id])
    page = client.get(address)
    until = datetime.fromtimestamp(int(page[KEEP_UNTIL]), UTC)
    assert timezone.now() < until <= event.round.ends_at + timedelta(hours=4)
    mark = client.cookies[COOKIE].value
    assert page.context["settings"]["desk"] == mark != ""
    other = signed_in(make.city_officer())
    other.get(address)
    assert other.cookies[COOKIE].value != mark
    client.post(reverse("logout"))
    assert client.cookies[COOKIE].value == ""
    for over in ({"ends_at": timezone.now() - timedelta(hours=5), "status": "running"}, {"status": "gathering"}):
        starts_at = timezone.now() - timedelta(hours=9)
        DockingRound.objects.filter(pk=event.round.pk).update(starts_at=starts_at, **over)
        answer = other.get(address)
        assert KEEP_UNTIL not in answer.headers and answer.context["settings"]["keepUntil"] == 0


def test_badge_of_a_guest_has_the_size_of_its_card(event, signed_in, monkeypatch):
    sizes = []

    def measure(html):
        sizes.extend((round(page.width / 96 * 25.4), round(page.height / 96 * 25.4)) for page in lay_out(html).pages)
        return b"%PDF", len(sizes)

    monkeypatch.setattr(check_in, "render_pdf", measure)
    address = reverse("admin:rounds_day_badge", args=[event.people[0].public_id])
    answer = signed_in(make.city_officer()).get(address)
    assert answer["Content-Type"] == "application/pdf" and sizes == [(94, 66)]  # one page, in mm
    stranger = make.district_officer("gaoxin")
    assert signed_in(stranger).get(address).status_code == 404
