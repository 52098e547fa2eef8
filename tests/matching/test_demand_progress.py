"""What an owner reads of its items in matching: counts, who decides and until when, and no candidate."""

from datetime import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from matching.demand_progress import achievement_progress, demand_progress
from matching.models import Match, MatchRun
from matching.services.immediate_runs import start_immediate_run
from matching.services.review import accept_match
from matching.services.runs import execute_chunk
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def need():
    for number in range(3):
        make.achievement(title=f"正极材料包覆{number}", institution=make.institution(f"示例学院{number}"))
    return make.demand()


def match_now() -> None:
    for chunk in start_immediate_run().chunks.all():
        execute_chunk(chunk.pk)


def test_from_published_to_accepted(need, django_assert_num_queries):
    assert demand_progress([need])[need.pk].sentence == "系统正在匹配，几分钟后送区县"
    match_now()
    Match.objects.update(created_at=timezone.make_aware(datetime(2026, 11, 27, 18)))  # a Friday
    draft = make.demand(published=False)
    with django_assert_num_queries(3):
        progress = demand_progress([need, draft])[need.pk]
    assert (progress.waiting, progress.reviewer, progress.is_queued) == (3, "金普新区", False)
    assert progress.decide_by.isoformat() == "2026-12-04"
    assert progress.matched_at == MatchRun.objects.get().finished_at
    accept_match(Match.objects.first(), by=make.district_officer())
    progress = demand_progress([need])[need.pk]
    assert (progress.waiting, progress.accepted) == (2, 1)
    assert demand_progress([draft])[draft.pk].sentence == ""
    assert demand_progress([]) == {}


def test_an_owner_reads_counts_and_no_candidate(need, client):
    match_now()
    offer = Match.objects.first().achievement
    client.force_login(make.firm_officer(need.firm))
    page = client.get(reverse("my_demands")).text
    assert "金普新区正在看 3 条" in page
    assert all(
        row.achievement.title not in page and row.achievement.institution.name not in page
        for row in Match.objects.all()
    )
    client.force_login(make.institution_officer(offer.institution))
    page = client.get(reverse("my_achievements")).text
    assert "区县正在看 1 条" in page and "金普新区" not in page and need.title not in page
    assert achievement_progress([offer])[offer.pk].reviewers == ()


def test_late_is_said(need):
    match_now()
    Match.objects.update(created_at=timezone.make_aware(datetime(2026, 10, 12, 9)))
    progress = demand_progress([need])[need.pk]
    assert progress.is_late and progress.sentence == "金普新区正在看 3 条，应在 10 月 19 日前答复，已逾期"
