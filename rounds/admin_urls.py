"""Staff pages within the admin, one function per model admin that includes them in its `get_urls`."""

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from rounds.views.staff import (
    agenda,
    announcements,
    basics,
    calendar,
    check_in,
    event_day,
    featured,
    home,
    home_rows,
    late_answers,
    letters,
    meeting_requests,
    outbox,
    papers,
    pre_docking_board,
    report,
    round_acts,
    round_copy,
    tables,
    timetable,
    venue,
)


def round_urls(admin_site: AdminSite) -> list[URLPattern]:
    """Below the address of docking rounds."""
    guard = admin_site.admin_view
    return [
        path("calendar/", guard(calendar.year), name="rounds_calendar"),
        path("<int:pk>/home/", guard(home.round_home), name="rounds_home"),
        path("<int:pk>/rows/", guard(home_rows.home_rows), name="rounds_home_rows"),
        *(
            path(f"<int:pk>/act/{key}/", guard(round_acts.round_act), {"act": key}, name=f"rounds_act_{key}")
            for key in round_acts.ACTS
        ),
        path("copy/", guard(round_copy.start), name="rounds_copy"),
        path("<int:pk>/copy/venue/", guard(round_copy.venue), name="rounds_copy_venue"),
        path("<int:pk>/copy/guests/", guard(round_copy.guests), name="rounds_copy_guests"),
        path("<int:pk>/venue/", guard(venue.venue), name="rounds_venue"),
        path("<int:pk>/venue/places/", guard(basics.places), name="rounds_venue_places"),
        path("<int:pk>/agenda/", guard(agenda.agenda), name="rounds_agenda"),
        path("agenda/<slug:public_id>/drop/", guard(agenda.drop_item), name="rounds_agenda_drop"),
        path("<int:pk>/venue/slots/", guard(venue.make_slots), name="rounds_venue_slots"),
        path("<int:pk>/venue/walks/", guard(venue.save_walks), name="rounds_venue_walks"),
        path("<int:pk>/venue/documents/", guard(venue.upload_document), name="rounds_venue_documents"),
        path("documents/<slug:public_id>/remove/", guard(venue.remove_document), name="rounds_venue_remove"),
        path("<int:pk>/papers/", guard(papers.papers), name="rounds_papers"),
        path("<int:pk>/papers/make/", guard(papers.make_paper), name="rounds_papers_make"),
        path("<int:pk>/papers/export/", guard(papers.export_round), name="rounds_papers_export"),
        path("papers/<slug:public_id>/download/", guard(papers.download_paper), name="rounds_paper_download"),
        *_report_urls(admin_site),
        path("<int:pk>/selection/", guard(featured.featured), name="rounds_featured"),
        path("<int:pk>/selection/change/", guard(featured.change_featured), name="rounds_featured_change"),
        *_guest_urls(admin_site),
        *_event_day_urls(admin_site),
        *_timetable_urls(admin_site),
    ]


def party_urls(admin_site: AdminSite) -> list[URLPattern]:
    """Below the address of parties."""
    guard = admin_site.admin_view
    return [
        path("board/", guard(pre_docking_board.board), name="rounds_board"),
        path("board/export/", guard(pre_docking_board.export_board), name="rounds_board_export"),
        path("board/targets/", guard(pre_docking_board.targets), name="rounds_targets"),
        path("board/proposals/", guard(pre_docking_board.proposals), name="rounds_proposals"),
        path("board/remind/", guard(pre_docking_board.remind), name="rounds_remind"),
        path("board/remind-guests/", guard(pre_docking_board.remind_guests), name="rounds_remind_guests"),
        path("board/rows/<slug:name>/", guard(pre_docking_board.rows), name="rounds_board_rows"),
        path("board/rows/<slug:name>/export/", guard(pre_docking_board.export_rows), name="rounds_board_rows_export"),
    ]


def _guest_urls(admin_site: AdminSite) -> list[URLPattern]:
    """What the guests of a round are told and what they answer."""
    guard = admin_site.admin_view
    return [
        path("<int:pk>/outbox/", guard(outbox.outbox), name="rounds_outbox"),
        path("<int:pk>/calls/", guard(outbox.calls), name="rounds_calls"),
        path("calls/<slug:public_id>/", guard(outbox.call), name="rounds_call"),
        path("<int:pk>/letters/", guard(letters.letters), name="rounds_letters"),
        path("<int:pk>/letters/print/", guard(letters.print_sample), name="rounds_letters_print"),
        path("<int:pk>/late-answers/", guard(late_answers.late_answers), name="rounds_late_answers"),
        path("<int:pk>/talks/", guard(late_answers.talks), name="rounds_talks"),
    ]


def _report_urls(admin_site: AdminSite) -> list[URLPattern]:
    guard = admin_site.admin_view
    return [
        path("<int:pk>/report/", guard(report.report), name="rounds_report"),
        path("<int:pk>/report/change/", guard(report.change_report), name="rounds_report_change"),
        path("<int:pk>/report/rows/", guard(report.rows), name="rounds_report_rows"),
        path("report/<slug:public_id>/word/", guard(report.word), name="rounds_report_word"),
        path("report/<slug:public_id>/pdf/", guard(report.pdf), name="rounds_report_pdf"),
    ]


def _event_day_urls(admin_site: AdminSite) -> list[URLPattern]:
    guard = admin_site.admin_view
    views = {
        "": ("day", event_day.overview),
        "check-in/": ("check_in", check_in.check_in),
        "check-in/worker.js": ("worker", check_in.worker),
        "guests/": ("guests", check_in.guests),
        "receive/": ("receive", check_in.receive),
        "tables/": ("tables", tables.tables),
        "host/": ("host", tables.host),
        "absence/": ("absence", event_day.absence),
        "walls/": ("signage", event_day.signage),
        "announcements/": ("announcements", announcements.announcements),
        "late-rule/": ("late_rule", announcements.late_rule),
    }
    return [
        path("day/table/<slug:place>/", guard(tables.table), name="rounds_day_table"),
        path("day/table/<slug:place>/worker.js", guard(tables.table_worker), name="rounds_day_table_worker"),
        path("day/badge/<slug:public_id>/", guard(check_in.badge), name="rounds_day_badge"),
        *(
            path(f"day/<slug:public_id>/{route}", guard(view), name=f"rounds_day_{name}")
            for route, (name, view) in views.items()
        ),
    ]


def _timetable_urls(admin_site: AdminSite) -> list[URLPattern]:
    guard = admin_site.admin_view
    views = {
        "": ("rounds_timetable", timetable.timetable),
        "board/": ("rounds_timetable_board", timetable.board),
        "cells/": ("rounds_timetable_cells", timetable.cells),
        "preview/": ("rounds_timetable_preview", timetable.preview),
        "do/": ("rounds_timetable_do", timetable.change_timetable),
        "wishes/": ("rounds_timetable_requests", meeting_requests.meeting_requests),
        "wishes/do/": ("rounds_timetable_requests_do", meeting_requests.change_meeting_requests),
    }
    return [path(f"timetable/<int:round_id>/{route}", guard(view), name=name) for route, (name, view) in views.items()]
