"""Staff pages within the admin, one function per model admin that includes them in its `get_urls`."""

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from mechanism.views.staff import challenge_reviews, evaluations, honours, measures, minutes, subsidies, tasks


def task_urls(admin_site: AdminSite) -> list[URLPattern]:
    return [path("board/", admin_site.admin_view(tasks.task_board), name="mechanism_board")]


def measure_urls(admin_site: AdminSite) -> list[URLPattern]:
    guard = admin_site.admin_view
    return [
        path("page/<slug:public_id>/", guard(measures.measure), name="mechanism_measure_page"),
        path("page/<slug:public_id>/step/", guard(measures.measure_step), name="mechanism_measure_step"),
        path("evidence/<slug:public_id>/", guard(measures.download_evidence), name="mechanism_evidence"),
    ]


def minutes_urls(admin_site: AdminSite) -> list[URLPattern]:
    guard = admin_site.admin_view
    return [path("split/<slug:public_id>/", guard(minutes.split_decisions), name="mechanism_minutes_decisions")]


def honour_urls(admin_site: AdminSite) -> list[URLPattern]:
    return [path("list/<slug:public_id>/", admin_site.admin_view(honours.candidates), name="mechanism_honour_list")]


def evaluation_urls(admin_site: AdminSite) -> list[URLPattern]:
    guard = admin_site.admin_view
    return [
        path("page/<slug:public_id>/", guard(evaluations.evaluation), name="mechanism_evaluation_page"),
        path("page/<slug:public_id>/step/", guard(evaluations.evaluation_step), name="mechanism_evaluation_step"),
        path("page/<slug:public_id>/report/", guard(evaluations.report), name="mechanism_evaluation_report"),
    ]


def challenge_review_urls(admin_site: AdminSite) -> list[URLPattern]:
    guard = admin_site.admin_view
    return [
        path("page/<slug:public_id>/", guard(challenge_reviews.review), name="mechanism_challenge_review"),
        path(
            "page/<slug:public_id>/step/", guard(challenge_reviews.review_step), name="mechanism_challenge_review_step"
        ),
    ]


def subsidy_urls(admin_site: AdminSite) -> list[URLPattern]:
    guard = admin_site.admin_view
    return [
        path("page/<slug:public_id>/", guard(subsidies.subsidy), name="mechanism_subsidy_page"),
        path("page/<slug:public_id>/step/", guard(subsidies.subsidy_step), name="mechanism_subsidy_step"),
    ]
