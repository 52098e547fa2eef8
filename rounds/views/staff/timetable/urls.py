"""The addresses of a round's timetable, below that of the rounds in the admin."""

from django.urls import path

from rounds.views.staff.timetable import deeds, meeting_request_deeds, meeting_requests, pages


def timetable_urls(admin_site):
    guard = admin_site.admin_view
    views = {
        "": ("rounds_timetable", pages.timetable),
        "board/": ("rounds_timetable_board", pages.board),
        "cells/": ("rounds_timetable_cells", pages.cells),
        "preview/": ("rounds_timetable_preview", pages.preview),
        "do/": ("rounds_timetable_do", deeds.do),
        "wishes/": ("rounds_timetable_wishes", meeting_requests.wishes),
        "wishes/do/": ("rounds_timetable_wishes_do", meeting_request_deeds.do),
    }
    return [path(f"timetable/<int:round_id>/{route}", guard(view), name=name) for route, (name, view) in views.items()]
