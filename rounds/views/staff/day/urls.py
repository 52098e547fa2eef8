"""The addresses of the day's pages, below that of the rounds in the admin."""

from django.urls import path

from rounds.views.staff.day import deeds, pages


def day_urls(admin_site):
    guard = admin_site.admin_view
    views = {
        "": ("day", pages.day),
        "check-in/": ("check_in", pages.check_in),
        "guests/": ("guests", pages.guests),
        "receive/": ("receive", deeds.receive),
        "tables/": ("tables", pages.tables),
        "host/": ("host", deeds.host),
        "absence/": ("absence", deeds.absence),
        "walls/": ("walls", deeds.walls),
    }
    return [
        path("day/table/<slug:place>/", guard(pages.table), name="rounds_day_table"),
        *(
            path(f"day/<slug:public_id>/{route}", guard(view), name=f"rounds_day_{name}")
            for route, (name, view) in views.items()
        ),
    ]
