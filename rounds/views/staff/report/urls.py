"""The addresses of a round's report, below that of the rounds in the admin."""

from django.urls import path

from rounds.views.staff.report import deeds, pages


def report_urls(admin_site):
    guard = admin_site.admin_view

    def framed(view):
        return guard(lambda request, pk: view(request, pk, admin_site.each_context(request)))

    return [
        path("<int:pk>/report/", framed(pages.report), name="rounds_report"),
        path("<int:pk>/report/deed/", guard(deeds.deed), name="rounds_report_deed"),
        path("<int:pk>/report/rows/", framed(pages.rows), name="rounds_report_rows"),
        path("report/<slug:public_id>/word/", guard(pages.word), name="rounds_report_word"),
        path("report/<slug:public_id>/pdf/", guard(pages.pdf), name="rounds_report_pdf"),
    ]
