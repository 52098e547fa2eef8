"""The addresses of the desk of rounds, below that of the rounds in the admin."""

from django.urls import path

from docking.desk.rounds import calendar, venue


def round_urls(admin_site):
    guard = admin_site.admin_view
    views = {
        "calendar/": ("calendar", calendar.year),
        "<int:pk>/venue/": ("venue", venue.page),
        "<int:pk>/venue/slots/": ("venue_slots", venue.make),
        "<int:pk>/venue/walks/": ("venue_walks", venue.walks),
        "<int:pk>/venue/documents/": ("venue_documents", venue.upload),
        "documents/<slug:public_id>/remove/": ("venue_remove", venue.remove),
    }
    return [path(route, guard(view), name=f"docking_{name}") for route, (name, view) in views.items()]
