from collections.abc import Callable

from django.http import HttpResponse
from django.urls import URLPattern, path

from portal.record_kinds import ACHIEVEMENT, DEMAND, DEMAND_REVISION, RecordKind
from portal.views.public import (
    achievements,
    agencies,
    ask,
    comparison,
    demands,
    districts,
    feeds,
    handouts,
    home,
    industries,
    institutions,
    open_data,
    rounds,
    search,
    sitemap,
    text_size,
)
from portal.views.workbench import (
    achievement_table,
    dashboard,
    demand_page,
    follow_ups,
    imports,
    open_work,
    record_steps,
    records,
    trial_match,
    writing_partner,
)


def _record_urls(
    kind: RecordKind,
    page: Callable[..., HttpResponse] = records.edit_record,
    pages: tuple[URLPattern, ...] = (),
) -> list[URLPattern]:
    """URLs of the records of one kind: achievement_new, my_achievements, achievements_submit …

    `page` answers at the address of one record; `pages` take the place of the common list and export.
    """
    name, prefix, kwargs = kind.name, f"workbench/{kind.name}s/", {"kind": kind}
    return [
        *(
            pages
            or (
                path(prefix, records.my_records, kwargs, name=f"my_{name}s"),
                path(f"{prefix}export/", record_steps.record_export, kwargs, name=f"{name}s_export"),
            )
        ),
        path(f"{prefix}submit/", records.submit_records, kwargs, name=f"{name}s_submit"),
        path(f"{prefix}steps/", record_steps.record_steps, kwargs, name=f"{name}_steps"),
        path(f"{prefix}doubles/", records.likely_duplicates, kwargs, name=f"{name}_duplicates"),
        path(f"{prefix}new/", records.new_record, kwargs, name=f"{name}_new"),
        path(f"{prefix}<public_id:public_id>/", page, kwargs, name=f"{name}_edit"),
        path(f"{prefix}<public_id:public_id>/submit/", records.submit_record, kwargs, name=f"{name}_submit"),
    ]


ACHIEVEMENT_PAGES = (
    path("workbench/achievements/", achievement_table.achievement_table, name="my_achievements"),
    path("workbench/achievements/export/", achievement_table.table_export, name="achievements_export"),
)

urlpatterns = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("search/suggestions/", search.search_suggestions, name="search_suggestions"),
    path("ask/", ask.ask, name="ask"),
    path("achievements/", achievements.achievement_list, name="achievement_list"),
    path("achievements/<public_id:public_id>/", achievements.achievement_detail, name="achievement_detail"),
    path(
        "achievements/<public_id:public_id>/share.png", handouts.achievement_share_card, name="achievement_share_card"
    ),
    path("achievements/<public_id:public_id>/one-page.pdf", handouts.achievement_one_page, name="achievement_one_page"),
    path("demands/<public_id:public_id>/share.png", handouts.demand_share_card, name="demand_share_card"),
    path("demands/<public_id:public_id>/one-page.pdf", handouts.demand_one_page, name="demand_one_page"),
    path("demands/", demands.demand_list, name="demand_list"),
    path("demands/<public_id:public_id>/", demands.demand_detail, name="demand_detail"),
    path("achievements/compare/", comparison.comparison, name="comparison"),
    path("achievements/feed/", feeds.NewAchievements(), name="achievement_feed"),
    path("news/feed/", feeds.News(), name="news_feed"),
    path("challenges/feed/", feeds.NewChallenges(), name="challenge_feed"),
    path("demands/feed/", feeds.NewDemands(), name="demand_feed"),
    path("agencies/", agencies.agency_list, name="agency_list"),
    path("agencies/brokers/", agencies.broker_list, name="broker_list"),
    path("agencies/<public_id:public_id>/", agencies.agency_detail, name="agency_detail"),
    path("institutions/", institutions.institution_list, name="institution_list"),
    path("institutions/<public_id:public_id>/", institutions.institution_detail, name="institution_detail"),
    path("industries/", industries.industry_list, name="industry_list"),
    path("industries/<slug:slug>/", industries.industry_detail, name="industry_detail"),
    path("districts/", districts.district_list, name="district_list"),
    path("districts/<slug:code>/", districts.district_detail, name="district_detail"),
    path("rounds/", rounds.round_list, name="round_list"),
    path("rounds/<public_id:public_id>/", rounds.round_detail, name="round_detail"),
    path("workbench/", dashboard.workbench, name="workbench"),
    path("workbench/matches/", dashboard.my_matches, name="my_matches"),
    path("workbench/trial/", trial_match.trial_match, name="trial_match"),
    path("workbench/requests/<public_id:public_id>/", dashboard.request_answer, name="request_answer"),
    path("workbench/work/", open_work.open_work, name="open_work"),
    path("workbench/work/<slug:key>/", open_work.open_work_list, name="open_work_list"),
    path("workbench/follow-ups/", follow_ups.follow_up_list, name="follow_ups"),
    path("workbench/follow-ups/<public_id:public_id>/", follow_ups.follow_up_detail, name="follow_up"),
    path("workbench/follow-ups/<public_id:public_id>/answer/", follow_ups.side_answer, name="follow_up_answer"),
    path("workbench/follow-ups/<public_id:public_id>/reply/", follow_ups.inquiry_reply, name="follow_up_reply"),
    path("workbench/follow-ups/<public_id:public_id>/step/", follow_ups.owner_step, name="follow_up_step"),
    path("workbench/follow-ups/<public_id:public_id>/confirm/", follow_ups.side_confirm, name="follow_up_confirm"),
    path("workbench/follow-ups/<public_id:public_id>/stance/", follow_ups.side_stance, name="follow_up_stance"),
    path("workbench/follow-ups/<public_id:public_id>/link/", follow_ups.side_link, name="follow_up_link"),
    path("workbench/follow-ups/<public_id:public_id>/contact/", follow_ups.side_contact, name="follow_up_contact"),
    path("workbench/questions/<public_id:public_id>/", dashboard.question_answer, name="question_answer"),
    *_record_urls(ACHIEVEMENT, pages=ACHIEVEMENT_PAGES),
    path("workbench/achievements/views/save/", achievement_table.table_view_save, name="achievement_view_save"),
    path(
        "workbench/achievements/views/<public_id:public_id>/remove/",
        achievement_table.table_view_remove,
        name="achievement_view_remove",
    ),
    path("workbench/demands/exposure/", records.demand_exposure, name="demand_exposure"),
    path("workbench/demands/<public_id:public_id>/do/", demand_page.demand_step, name="demand_step"),
    path(
        "workbench/demands/<public_id:public_id>/revise/",
        records.edit_record,
        {"kind": DEMAND_REVISION},
        name="demand_revise",
    ),
    *_record_urls(DEMAND, demand_page.demand_page),
    path("workbench/demands/partner/", writing_partner.demand_partner, name="demand_partner"),
    *_record_urls(DEMAND),
    path("workbench/import/<slug:kind>/", imports.import_start, name="import_start"),
    path("workbench/import/<slug:kind>/template/", imports.import_template, name="import_template"),
    path("workbench/imports/<public_id:public_id>/", imports.import_report, name="import_report"),
    path("workbench/imports/<public_id:public_id>/check/", imports.import_check, name="import_check"),
    path("workbench/imports/<public_id:public_id>/marked/", imports.marked_workbook, name="import_marked"),
    path("workbench/imports/<public_id:public_id>/run/", imports.import_run, name="import_run"),
    path("workbench/imports/<public_id:public_id>/write/", imports.import_write, name="import_write"),
    path("help/", home.static_page, {"name": "help"}, name="help"),
    path("accessibility/", home.static_page, {"name": "accessibility"}, name="accessibility"),
    path("privacy/", home.static_page, {"name": "privacy"}, name="privacy"),
    path("open-data/", open_data.open_data, name="open_data"),
    path("open-data/catalogue.jsonld", open_data.open_data_catalogue, name="open_data_catalogue"),
    path("open-data/<str:name>", open_data.open_data_file, name="open_data_file"),
    path("text-size/", text_size.text_size, name="text_size"),
    path("favicon.ico", sitemap.favicon, name="favicon"),
    path("robots.txt", sitemap.robots, name="robots"),
    path("sitemap.xml", sitemap.sitemap, name="sitemap"),
]
