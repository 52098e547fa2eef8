from django.urls import path

from mechanism.desk import board, measure, minutes


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
