from django.urls import path

from portal.item_kinds import ACHIEVEMENT, DEMAND, ItemKind
from portal.views.public import showcase, sitemap
from portal.views.workbench import dashboard, editing, follow_ups, imports, trial_match


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
    path("workbench/", dashboard.workbench, name="workbench"),
    path("workbench/matches/", dashboard.my_matches, name="my_matches"),
    path("workbench/trial/", trial_match.trial, name="trial"),
    path("workbench/requests/<public_id:public_id>/", dashboard.request_answer, name="request_answer"),
    path("workbench/follow-ups/", follow_ups.follow_ups, name="follow_ups"),
    path("workbench/follow-ups/<public_id:public_id>/", follow_ups.follow_up, name="follow_up"),
    path("workbench/follow-ups/<public_id:public_id>/answer/", follow_ups.answer, name="follow_up_answer"),
    path("workbench/follow-ups/<public_id:public_id>/reply/", follow_ups.reply, name="follow_up_reply"),
    path("workbench/follow-ups/<public_id:public_id>/step/", follow_ups.step, name="follow_up_step"),
    path("workbench/follow-ups/<public_id:public_id>/contact/", follow_ups.contact, name="follow_up_contact"),
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
