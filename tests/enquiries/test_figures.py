"""What the city counts of approaches, with the rows behind each number."""

from datetime import timedelta

import pytest
from django.utils import timezone

from deals.services.deals import open_deal, sign_deal
from enquiries.models import Approach
from enquiries.services.docking import agree_to_dock
from enquiries.services.thread import post_message
from matching.services.confirmations import state_stance
from matching.services.follow_up_status import lock_follow_up
from mechanism.kpi.counting import count_figure
from mechanism.kpi.period import year_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.records import describe_records, ordered_records
from mechanism.kpi.registry import APPROACHES, FIGURES
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.mark.long
def test_begun_answered_in_time_talks_and_signed_with_their_rows():
    city, _district = make.city_officer(), make.district_officer()
    year = FigureScope(year_period(timezone.localdate().year), None)
    late, waiting, agreed = make.approach(), make.approach(is_anonymous=True), make.approach()
    offices = {row.pk: make.institution_officer(row.institution) for row in (late, waiting, agreed)}
    Approach.objects.filter(pk=late.pk).update(answer_due_on=timezone.localdate() - timedelta(days=1))
    post_message(late, text="抱歉迟复，可以谈。", by=offices[late.pk])
    for user in (agreed.created_by, offices[agreed.pk]):
        contact = make.contact(agreed.organisation_of(agreed.side_of(user.scope)))
        agree_to_dock(agreed, contact=contact, consents=True, by=user)
    follow_up = agreed.match.follow_up
    for side, user in (("firm", agreed.created_by), ("office", offices[agreed.pk])):
        state_stance(lock_follow_up(follow_up.pk), side=side, stance="intent", by=user)
    deal = make.confirmed(open_deal(follow_up, by=city))
    assert [count_figure(FIGURES[key], year).totals.rows for key in APPROACHES] == [3, 1, 1, 0]
    sign_deal(deal, on=timezone.localdate(), signed_wan=20, way="service", by=city)
    make.confirmed(deal)
    assert [count_figure(FIGURES[key], year).totals.rows for key in APPROACHES] == [3, 1, 1, 1]
    assert count_figure(FIGURES["signed"], year).totals.rows == 1
    for key in APPROACHES:
        rows = year.rows(FIGURES[key])
        described = describe_records(FIGURES[key], ordered_records(FIGURES[key], rows), city)
        assert len(described) == rows.count() and all(record.title for record in described)
    links = {link.what: link.text for link in described[0].origin_links}
    assert links["来源"] == "主动对接" and agreed.achievement.title in links["匹配"]
