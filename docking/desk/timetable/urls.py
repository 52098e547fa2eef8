"""The addresses of a round's timetable, below that of the rounds in the admin."""

from django.urls import path

from docking.desk.timetable import deeds, pages, wish_deeds, wishes


def timetable_urls(admin_site):
    guard = admin_site.admin_view
    views = {
        "": ("docking_timetable", pages.timetable),
        "board/": ("docking_timetable_board", pages.board),
        "cells/": ("docking_timetable_cells", pages.cells),
        "preview/": ("docking_timetable_preview", pages.preview),
        "do/": ("docking_timetable_do", deeds.do),
        "wishes/": ("docking_timetable_wishes", wishes.wishes),
        "wishes/do/": ("docking_timetable_wishes_do", wish_deeds.do),
    }
    return [path(f"timetable/<int:round_id>/{route}", guard(view), name=name) for route, (name, view) in views.items()]
