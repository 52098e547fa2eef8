from django.urls import path, register_converter

from core.public_id import ALPHABET
from deals.views.workbench import contracts, deals
from matching.views.public import checks
from portal.item_kinds import ACHIEVEMENT, DEMAND, ItemKind
from portal.views.public import showcase, sitemap
from portal.views.workbench import dashboard, editing, follow_ups, imports, trial_match
from rounds.views.public import day, invitations, meeting_requests, plans, rounds


class PublicIdConverter:
    """Ten characters that `new_public_id` could have made; anything else is no address at all."""

    regex = f"[{ALPHABET}]{{10}}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PublicIdConverter, "public_id")


def _items(name: str, kind: ItemKind) -> list:
    """The addresses for what people enter themselves: achievement_new, my_achievements, achievements_submit …"""
    at = f"workbench/{name}s/"
    one = {"kind": kind}
    return [
        path(at, dashboard.my_items, one, name=f"my_{name}s"),
        path(f"{at}submit/", dashboard.submit_items, one, name=f"{name}s_submit"),
        path(f"{at}doubles/", trial_match.doubles, one, name=f"{name}_doubles"),
        path(f"{at}new/", editing.new_item, one, name=f"{name}_new"),
        path(f"{at}<public_id:public_id>/", editing.edit_item, one, name=f"{name}_edit"),
        path(f"{at}<public_id:public_id>/submit/", editing.submit_item, one, name=f"{name}_submit"),
    ]


_DEALS = [
    path("workbench/deals/", deals.deals, name="deals"),
    path("workbench/deals/new/", deals.deal_new, name="deal_new"),
    path("workbench/deals/<public_id:public_id>/", deals.deal, name="deal"),
    path("workbench/deals/<public_id:public_id>/do/", deals.deal_do, name="deal_do"),
    path("workbench/follow-ups/<public_id:public_id>/deal/", deals.deal_open, name="deal_open"),
    path("workbench/meetings/<public_id:public_id>/deal/", deals.deal_open_meeting, name="deal_open_meeting"),
    path("workbench/deal-files/<public_id:public_id>/", deals.deal_file, name="deal_file"),
    path("workbench/deal-files/<public_id:public_id>/remove/", deals.deal_file_remove, name="deal_file_remove"),
    path("workbench/contracts/check/", contracts.worklist, name="contract_worklist"),
    path("workbench/contracts/<public_id:public_id>/", contracts.contract, name="contract"),
    path("workbench/contracts/<public_id:public_id>/do/", contracts.contract_do, name="contract_do"),
    path("workbench/contracts/<public_id:public_id>/check/", contracts.contract_check, name="contract_check"),
    path(
        "workbench/contracts/<public_id:public_id>/word/download/",
        contracts.contract_paper,
        {"kind": "docx"},
        name="contract_word",
    ),
    path(
        "workbench/contracts/<public_id:public_id>/excel/download/",
        contracts.contract_paper,
        {"kind": "xlsx"},
        name="contract_sheet",
    ),
]

urlpatterns = [
    path("", showcase.home, name="home"),
    path("achievements/", showcase.achievement_list, name="achievement_list"),
    path("achievements/<public_id:public_id>/", showcase.achievement_detail, name="achievement_detail"),
    path("demands/", showcase.demand_list, name="demand_list"),
    path("demands/<public_id:public_id>/", showcase.demand_detail, name="demand_detail"),
    path("agencies/", showcase.agency_list, name="agency_list"),
    path("agencies/brokers/", showcase.broker_list, name="broker_list"),
    path("agencies/<public_id:public_id>/", showcase.agency_detail, name="agency_detail"),
    path("rounds/", showcase.round_list, name="round_list"),
    path("rounds/<public_id:public_id>/", showcase.round_detail, name="round_detail"),
    path("rounds/day/<public_id:code>/", day.party_day, name="party_day"),
    path("rounds/day/<public_id:code>/outcome/", day.party_outcome, name="party_outcome"),
    path("wall/<public_id:public_id>/", day.wall, name="wall"),
    path("workbench/day/", day.my_days, name="my_days"),
    path("workbench/day/<public_id:public_id>/", day.my_day, name="my_day"),
    path("workbench/day/<public_id:public_id>/outcome/", day.my_outcome, name="my_outcome"),
    path("rounds/<public_id:public_id>/agenda/", rounds.agenda, name="round_agenda"),
    path("rounds/<public_id:public_id>/calendar.ics", rounds.calendar_file, name="round_calendar"),
    path("rounds/agenda/<public_id:public_id>.ics", rounds.item_file, name="agenda_item_calendar"),
    path("rounds/documents/<public_id:public_id>/", rounds.document, name="round_document"),
    path("r/", invitations.rsvp_code, name="rsvp_code"),
    path("r/<public_id:code>/", invitations.rsvp, name="rsvp"),  # short: it stands in QR codes on paper
    path("c/<public_id:code>/", checks.check, name="check"),
    path("workbench/checks/<public_id:public_id>/", checks.check_by_phone, name="check_by_phone"),
    path("workbench/feedback/", checks.talk_feedback, name="talk_feedback"),
    path("workbench/", dashboard.workbench, name="workbench"),
    path("workbench/invitations/", invitations.my_invitations, name="my_invitations"),
    path("workbench/invitations/<public_id:public_id>/", invitations.my_invitation, name="my_invitation"),
    path("rounds/plans/<public_id:code>/", plans.party_plan, name="party_plan"),
    path("rounds/plans/<public_id:code>/meetings.ics", plans.party_calendar_file, name="party_calendar"),
    path("workbench/meetings/", plans.my_plans, name="my_plans"),
    path("workbench/meetings/<public_id:public_id>/", plans.my_plan, name="my_plan"),
    path("rounds/plans/<public_id:code>/wishes/", meeting_requests.party_wishes, name="party_wishes"),
    path("workbench/meetings/<public_id:public_id>/wishes/", meeting_requests.my_wishes, name="my_wishes"),
    path("workbench/matches/", dashboard.my_matches, name="my_matches"),
    path("workbench/trial/", trial_match.trial, name="trial"),
    path("workbench/requests/<public_id:public_id>/", dashboard.request_answer, name="request_answer"),
    path("workbench/follow-ups/", follow_ups.follow_ups, name="follow_ups"),
    path("workbench/follow-ups/<public_id:public_id>/", follow_ups.follow_up, name="follow_up"),
    path("workbench/follow-ups/<public_id:public_id>/answer/", follow_ups.answer, name="follow_up_answer"),
    path("workbench/follow-ups/<public_id:public_id>/reply/", follow_ups.reply, name="follow_up_reply"),
    path("workbench/follow-ups/<public_id:public_id>/step/", follow_ups.step, name="follow_up_step"),
    path("workbench/follow-ups/<public_id:public_id>/contact/", follow_ups.contact, name="follow_up_contact"),
    *_DEALS,
    path("workbench/questions/<public_id:public_id>/", dashboard.question_answer, name="question_answer"),
    *_items("achievement", ACHIEVEMENT),
    *_items("demand", DEMAND),
    path("workbench/import/<slug:kind>/", imports.start, name="import_start"),
    path("workbench/import/<slug:kind>/template/", imports.template, name="import_template"),
    path("workbench/imports/<public_id:public_id>/", imports.report, name="import_report"),
    path("workbench/imports/<public_id:public_id>/marked/", imports.marked, name="import_marked"),
    path("workbench/imports/<public_id:public_id>/write/", imports.write, name="import_write"),
    path("help/", showcase.page, {"name": "help"}, name="help"),
    path("accessibility/", showcase.page, {"name": "accessibility"}, name="accessibility"),
    path("privacy/", showcase.page, {"name": "privacy"}, name="privacy"),
    path("robots.txt", sitemap.robots, name="robots"),
    path("sitemap.xml", sitemap.sitemap, name="sitemap"),
]
