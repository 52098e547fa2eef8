"""Law: `accounts.names.name_for` is the only way a firm's name reaches a reader (ADR on anonymous firms)."""

import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from tests.laws.name_uses import uses_in_python, uses_in_template

ROOT = Path(settings.BASE_DIR)
REGISTRIES = (
    *("accounts/", "brokers/", "deals/", "templates/deals/", "templates/portal/public/agency", "portal/demo/"),
    *("members/", "templates/members/", "privacy/", "templates/privacy/"),
)
"""Whole parts in which nobody is anonymous: the registry of organisations; agencies, which are public; deals, whose
sides know each other (`Deal.visible_to`, `Contract.visible_to`); the loader of invented data; who joins which
organisation; requests of persons, which name the organisations that recorded them."""
NOT_SHOWN = ("tests/", "benchmarks/", "demo_city/", "scheduling/", "launcher/")

DEFINES = "defines the name"
OWN = "the organisation reads its own name"
MANAGED = "rows of managed_by: readers are the firm's own district, the city, auditors"
CITY = "only readers of all districts"
GUEST = "a guest of a round under its own name; nothing there says what it meets about"
BY_ITSELF = "the organisation stands there by its own act, not for a demand"
SHEET = "the reader's own sheet"
MASKED = "read to be masked, or behind knows_name"
COUNTED = "a key for counting; not shown"
AGENCY = "agencies are public"
BIDDER = "institutions and agencies that bid, read by themselves, from the opening on by those who decide"
APPLICANT = "an applicant for 专项资金: read by itself, its experts and the city; publicised with its consent"
CONSENT = "a guest that let the others see its name, or the reader itself"
NAMED = "the text comes from Meeting.name_of"
SCHOOL = "the institution that delegates; institutions are not anonymous"
ALLOWED = {
    "templates/portal/workbench/dashboard.html": (1, SCHOOL),
    "templates/portfolio/workbench/delegated_list.html": (1, SCHOOL),
    "templates/portfolio/workbench/delegations.html": (1, SCHOOL),
    "templates/portal/public/broker_list.html": (1, AGENCY),
    "templates/portal/public/district_detail.html": (2, AGENCY),
    "portal/views/public/districts.py": (1, AGENCY),
    "portal/open_data/datasets.py": (2, AGENCY),
    "portal/page_data.py": (2, AGENCY),
    "brokerage/admin.py": (1, AGENCY),
    "portal/first_accounts.py": (1, "authorities of the city, in the file of logins"),
    "demands/admin/undertakings.py": (1, "institutions and agencies, which are not anonymous"),
    "demands/exposing_texts.py": (2, "compares the firm's names with its texts, shows none"),
    "demands/text_search.py": (1, "compares the name with the words of a search, shows none"),
    "demands/models/disclosure.py": (1, "institutions and agencies, which are not anonymous"),
    "demands/services/files.py": (1, "institutions and agencies, which are not anonymous"),
    "templates/demands/workbench/readers.html": (1, "who has read a demand: readers, not the firm"),
    "templates/demands/workbench/undertaking.html": (2, "institutions and agencies, which are not anonymous"),
    "demands/admin/demands.py": (3, MANAGED),
    "demands/admin/revisions.py": (3, MANAGED),
    "portal/demand_history.py": (1, "the office of an officer, for the firm of the demand"),
    "correspondence/letter_text.py": (1, "the institution of the completer who is written to"),
    "templates/correspondence/public/letter.html": (2, "the institution of the completer, on the own page"),
    "portfolio/history.py": (1, "the office of an officer, for the institution of the achievement"),
    "templates/notes/_notes.html": (1, OWN),
    "templates/achievements/workbench/learned_spellings.html": (1, OWN),  # LearnedSpelling.visible_to
    "demands/imports.py": (3, SHEET),
    "demands/masking.py": (2, DEFINES),
    "demands/services/editing.py": (2, MANAGED),
    "demands/services/exporting.py": (1, MASKED),
    "matching/admin/learning.py": (2, MANAGED),
    "matching/admin/matches.py": (2, MANAGED),
    "matching/exports.py": (1, MANAGED),
    "matching/overview/exports.py": (3, MANAGED),
    "matching/review_demands.py": (2, MANAGED),
    "matching/review_queue.py": (1, MANAGED),
    "matching/views/staff/review/by_demand.py": (1, MANAGED),
    "mechanism/admin/bases.py": (2, MANAGED),
    "mechanism/open_work.py": (1, "the operator of a pilot base"),
    "challenges/forms/bids.py": (1, BIDDER),
    "challenges/services/bidding.py": (4, BIDDER),
    "challenges/views/public/challenges.py": (1, "the winner, in the publicity of the result"),
    "mechanism/services/challenge_reviews.py": (1, "an expert's own unit, compared and not shown"),
    "mechanism/views/public/challenge_reviews.py": (1, "an expert must know who bids to see a relation"),
    "templates/challenges/_opened_bids.html": (1, BIDDER),
    "templates/challenges/workbench/bid.html": (3, BIDDER),
    "mechanism/admin/subsidies.py": (1, APPLICANT),
    "mechanism/services/subsidy_applications.py": (2, APPLICANT),
    "mechanism/services/subsidy_reviews.py": (2, APPLICANT),
    "mechanism/subsidy_terms.py": (2, APPLICANT),
    "mechanism/subsidy_work.py": (2, APPLICANT),
    "templates/mechanism/public/subsidy_detail.html": (1, APPLICANT),
    "templates/mechanism/public/subsidy_list.html": (1, APPLICANT),
    "templates/mechanism/public/subsidy_review.html": (1, APPLICANT),
    "templates/mechanism/staff/subsidy.html": (1, APPLICANT),
    "templates/mechanism/workbench/subsidies.html": (1, APPLICANT),
    "templates/mechanism/workbench/subsidy.html": (1, APPLICANT),
    "templates/mechanism/workbench/subsidy_call.html": (2, APPLICANT),
    "mechanism/admin/tasks.py": (1, MANAGED),
    "mechanism/kpi/public_report.py": (1, COUNTED),
    "mechanism/kpi/records.py": (2, AGENCY),
    "mechanism/kpi/task_records.py": (4, BY_ITSELF),  # base, request, obstacle; applicant of a subsidy, for the city
    "mechanism/forms/obstacles.py": (1, "offices of the staff"),
    "mechanism/obstacle_texts.py": (1, MASKED),
    "mechanism/reporting_work.py": (1, "bureaus of the city"),
    "mechanism/services/obstacles.py": (1, OWN),
    "mechanism/services/reported_obstacles.py": (2, "officers of the city or its district, who typed the full name"),
    "templates/mechanism/staff/measure.html": (1, "bureaus of the city"),
    "templates/mechanism/workbench/bureau_measure.html": (1, "bureaus of the city"),
    "templates/mechanism/workbench/obstacle.html": (4, BY_ITSELF),  # to those of Obstacle.visible_to
    "templates/mechanism/workbench/obstacles.html": (1, BY_ITSELF),
    "templates/mechanism/workbench/trial_result.html": (2, BY_ITSELF),  # base and applicant know each other
    "favourites/views/workbench/favourites.py": (1, OWN),
    "templates/favourites/workbench/favourites.html": (1, OWN),
    "integrity/admin.py": (1, CITY),
    "integrity/models/organisation_facts.py": (1, CITY),
    "integrity/open_work.py": (1, CITY),
    "integrity/signals/repetitions.py": (1, CITY),
    "templates/integrity/staff/case.html": (1, CITY),
    "mechanism/models/base.py": (2, BY_ITSELF),
    "mechanism/models/measure.py": (1, BY_ITSELF),
    "mechanism/policy_application.py": (4, OWN),
    "mechanism/services/closing.py": (1, "the office of the city that signs, a public body"),
    "mechanism/services/evaluation_requests.py": (1, BY_ITSELF),
    "mechanism/services/evaluations.py": (1, BY_ITSELF),
    "mechanism/services/honours.py": (3, COUNTED),
    "mechanism/services/notifications.py": (2, BY_ITSELF),
    "portal/search/index.py": (1, "a sum over hidden names, of which nothing is shown"),
    "portal/search_options.py": (1, AGENCY),
    "portal/views/workbench/dashboard.py": (1, OWN),
    "rounds/admin/party.py": (2, GUEST),
    "rounds/day/guest_list.py": (3, GUEST),
    "rounds/forms/agenda.py": (2, CITY),
    "rounds/forms/meetings.py": (1, MANAGED),
    "rounds/home_lists.py": (1, MANAGED),
    "rounds/home_waits.py": (2, MANAGED),
    "rounds/imports.py": (4, SHEET),
    "rounds/models/agenda.py": (1, BY_ITSELF),
    "rounds/models/meeting_request.py": (1, MANAGED),
    "rounds/models/organiser.py": (1, BY_ITSELF),
    "rounds/models/party.py": (4, DEFINES),
    "rounds/papers/content.py": (2, GUEST),
    "rounds/papers/round_workbook.py": (4, CITY),
    "rounds/planning/problems.py": (6, CITY),
    "rounds/planning/snapshot.py": (3, CITY),
    "rounds/readiness.py": (4, CITY),
    "rounds/report/figures.py": (1, COUNTED),
    "rounds/services/check_in.py": (4, GUEST),
    "rounds/services/guest_proposals.py": (1, GUEST),
    "rounds/services/guests.py": (6, GUEST),
    "rounds/services/invitations.py": (3, GUEST),
    "rounds/services/meeting_follow_up.py": (1, MANAGED),
    "rounds/services/meetings.py": (6, MANAGED),
    "rounds/services/publishing.py": (1, CITY),
    "rounds/services/replanning.py": (3, GUEST),
    "rounds/services/unserved_parties.py": (2, CITY),
    "rounds/services/round_copy.py": (1, CITY),
    "rounds/models/guest_message.py": (1, GUEST),
    "rounds/models/late_answer.py": (1, GUEST),
    "rounds/participants.py": (1, CONSENT),
    "rounds/services/guest_letters.py": (1, OWN),
    "rounds/services/guest_messages.py": (1, GUEST),
    "rounds/services/answer_messages.py": (1, OWN),
    "rounds/services/late_answers.py": (1, GUEST),
    "rounds/services/meeting_acceptance.py": (1, OWN),
    "rounds/services/round_notifications.py": (1, OWN),
    "rounds/services/timetable_notifications.py": (1, OWN),
    "rounds/views/staff/late_answers.py": (3, GUEST),
    "rounds/views/staff/letters.py": (1, GUEST),
    "rounds/views/staff/outbox.py": (2, GUEST),
    "rounds/views/staff/check_in.py": (4, GUEST),
    "rounds/views/staff/event_day.py": (1, GUEST),
    "rounds/views/staff/meeting_requests.py": (1, MANAGED),
    "rounds/views/staff/pre_docking_export.py": (3, MANAGED),
    "rounds/views/staff/report_rows.py": (4, CITY),
    "rounds/views/staff/timetable.py": (1, CITY),
    "matching/services/meeting_notifications.py": (1, OWN),
    "templates/matching/staff/evidence.html": (1, MANAGED),
    "templates/matching/staff/overview/rows.html": (5, MANAGED),
    "templates/matching/staff/review/by_demand.html": (1, MANAGED),
    "templates/matching/staff/review/demand_core.html": (1, MANAGED),
    "templates/matching/staff/review/pair.html": (1, MANAGED),
    "templates/matching/staff/review/row.html": (1, MANAGED),
    "templates/mechanism/workbench/base_requests.html": (2, BY_ITSELF),
    "templates/mechanism/workbench/policy_application.html": (1, OWN),
    "templates/rounds/papers/_badge.html": (1, GUEST),
    "templates/rounds/papers/plans.html": (1, GUEST),
    "templates/rounds/papers/sign_in.html": (1, GUEST),
    "templates/rounds/papers/table_cards.html": (1, NAMED),
    "templates/rounds/public/event_day/party_day.html": (1, OWN),
    "templates/rounds/public/invitation.html": (2, OWN),
    "templates/rounds/public/meeting_requests.html": (1, OWN),
    "templates/rounds/public/plan.html": (2, OWN),
    "templates/rounds/staff/copy/guests.html": (1, CITY),
    "templates/rounds/staff/event_day/overview.html": (3, GUEST),
    "templates/rounds/staff/home.html": (1, MANAGED),
    "templates/rounds/public/participants.html": (2, CONSENT),
    "templates/rounds/staff/guests/call.html": (2, GUEST),
    "templates/rounds/staff/guests/calls.html": (2, GUEST),
    "templates/rounds/staff/guests/late_answers.html": (4, GUEST),
    "templates/rounds/staff/guests/outbox.html": (2, GUEST),
    "templates/rounds/staff/guests/talks.html": (3, MANAGED),
    "templates/rounds/staff/guests/message_preview.html": (1, GUEST),
    "templates/rounds/staff/party_answer.html": (2, GUEST),
    "templates/rounds/staff/pre_docking_board/proposals.html": (3, MANAGED),
    "templates/rounds/staff/agenda/agenda.html": (1, BY_ITSELF),
    "templates/rounds/staff/pre_docking_board/rows.html": (6, MANAGED),
    "templates/rounds/staff/timetable/_unserved.html": (4, CITY),
    "templates/rounds/staff/timetable/board.html": (6, CITY),
    "templates/rounds/staff/timetable/meeting_requests.html": (1, MANAGED),
    "templates/rounds/staff/timetable/page.html": (4, CITY),
    "templates/rounds/workbench/invitations.html": (1, OWN),
    "templates/rounds/workbench/my_days.html": (1, OWN),
    "templates/rounds/workbench/my_plans.html": (2, OWN),
}
"""{file: (number of lines that take a name from a row, why they may)}"""


def uses() -> dict[str, int]:
    listed = subprocess.check_output(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py", "templates/*"], cwd=ROOT, text=True
    )
    counted = {}
    for name in listed.splitlines():
        path = ROOT / name
        if name.startswith((*REGISTRIES, *NOT_SHOWN)) or "/migrations/" in name or not path.is_file():
            continue
        find = {".py": uses_in_python, ".html": uses_in_template, ".txt": uses_in_template}.get(path.suffix)
        if find and (lines := find(path.read_text(encoding="utf-8"))):
            counted[name] = len(lines)
    return counted


@pytest.mark.long
def test_names_of_organisations_come_from_name_for():
    """More lines than allowed: take the name from `name_for`, `Meeting.name_of` or `{% name_for %}`, or say here why
    the reader may know it. Fewer: lower the number."""
    assert uses() == {name: number for name, (number, _why) in ALLOWED.items()}


@pytest.mark.parametrize(
    "source",
    [
        "title = match.demand.firm.name",
        "cells = (demand.firm.short_name,)",
        "text = str(meeting.firm_party)",
        "text = f'{deal.buyer} 已签约'",
        "text = '%(who)s 已签约' % {'who': deal.buyer}",
        "row = (deal.buyer or '—', 1)",
        "rows.values('demand__firm__name')",
        "search_fields = ['title', 'firm__name']",
        "name = serializers.CharField(source='firm.name')",
        "code = party.organisation.credit_code",
    ],
)
def test_another_way_is_found_in_python(source):
    assert uses_in_python(source) == [1]


@pytest.mark.parametrize(
    "source",
    [
        "{{ demand.firm.name }}",
        "{{ match.demand.firm }}",
        "{{ row.meeting.firm_party }}",
        "{{ party.full_name|upper }}",
        "{{ deal.buyer }}",
        "{{ firm }}",
        "{{ organisation.credit_code }}",
        '<option value="1">{{ party }}</option>',
    ],
)
def test_another_way_is_found_in_a_template(source):
    assert uses_in_template(f"<p>\n{source}</p>") == [2]


@pytest.mark.parametrize(
    "source",
    [
        "{{ demand.public_firm_name }}",
        "{{ party.public_id }}",
        "{{ demand.firm.stat_region.name }}",
        "{{ round.name }}",
    ],
)
def test_other_variables_are_not_names(source):
    assert uses_in_template(source) == []
