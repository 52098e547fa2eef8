"""What the check-in page lets a browser keep, and the badge that it prints."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core.kept_pages import COOKIE, KEEP_UNTIL
from rounds.models import DockingRound
from rounds.views.staff import check_in
from tests import factories as make
from tests.rounds.day.fixtures import running


@pytest.fixture
def scene(db):
    return running()


def test_page_may_be_kept_by_one_sign_in_while_the_day_lasts(scene, signed_in):
    client = signed_in(make.city_officer())
    address = reverse("admin:rounds_day_check_in", args=[scene.round.public_id])
    page = client.get(address)
    until = datetime.fromtimestamp(int(page[KEEP_UNTIL]), UTC)
    assert timezone.now() < until <= scene.round.ends_at + timedelta(hours=4)
    mark = client.cookies[COOKIE].value
    assert page.context["settings"]["desk"] == mark != ""
    other = signed_in(make.city_officer())
    other.get(address)
    assert other.cookies[COOKIE].value != mark
    client.post(reverse("logout"))
    assert client.cookies[COOKIE].value == ""
    for over in ({"ends_at": timezone.now() - timedelta(hours=5), "status": "running"}, {"status": "gathering"}):
        starts_at = timezone.now() - timedelta(hours=9)
        DockingRound.objects.filter(pk=scene.round.pk).update(starts_at=starts_at, **over)
        answer = other.get(address)
        assert KEEP_UNTIL not in answer.headers and answer.context["settings"]["keepUntil"] == 0


def test_badge_of_a_guest_has_the_size_of_its_card(scene, signed_in, monkeypatch):
    pages = []

    def keep_page(html):
        content, number = render_pdf(html)
        pages.append(number)
        return content, number

    render_pdf = check_in.render_pdf
    monkeypatch.setattr(check_in, "render_pdf", keep_page)
    address = reverse("admin:rounds_day_badge", args=[scene.people[0].public_id])
    answer = signed_in(make.city_officer()).get(address)
    assert answer["Content-Type"] == "application/pdf" and pages == [1]
    width, height = (94 / 25.4 * 72, 66 / 25.4 * 72)
    box = answer.content.split(b"/MediaBox [", 1)[1].split(b"]", 1)[0].split()
    assert [float(edge) for edge in box] == pytest.approx([0, 0, width, height], abs=0.1)
    stranger = make.district_officer("gaoxin")
    assert signed_in(stranger).get(address).status_code == 404
