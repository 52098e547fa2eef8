from django.urls import path

from mechanism.desk import board, evaluations, honours, measure, minutes


def task_urls(admin_site):
    return [path("board/", admin_site.admin_view(board.board), name="mechanism_board")]


def measure_urls(admin_site):
    guard = admin_site.admin_view
    return [
        path("page/<slug:public_id>/", guard(measure.page), name="mechanism_measure_page"),
        path("page/<slug:public_id>/step/", guard(measure.step), name="mechanism_measure_step"),
        path("evidence/<slug:public_id>/", guard(measure.download), name="mechanism_evidence"),
    ]


def minutes_urls(admin_site):
    return [path("split/<slug:public_id>/", admin_site.admin_view(minutes.split), name="mechanism_minutes_decisions")]


def honour_urls(admin_site):
    return [path("list/<slug:public_id>/", admin_site.admin_view(honours.candidates), name="mechanism_honour_list")]


def evaluation_urls(admin_site):
    guard = admin_site.admin_view
    return [
        path("page/<slug:public_id>/", guard(evaluations.page), name="mechanism_evaluation_page"),
        path("page/<slug:public_id>/step/", guard(evaluations.step), name="mechanism_evaluation_step"),
        path("page/<slug:public_id>/report/", guard(evaluations.paper), name="mechanism_evaluation_report"),
    ]
