"""The addresses of the desk of rounds, below that of the rounds in the admin."""

from django.urls import path

from rounds.views.staff.rounds import calendar, papers, venue


def round_urls(admin_site):
    guard = admin_site.admin_view
    views = {
        "calendar/": ("calendar", calendar.year),
        "<int:pk>/venue/": ("venue", venue.page),
        "<int:pk>/venue/slots/": ("venue_slots", venue.make),
        "<int:pk>/venue/walks/": ("venue_walks", venue.walks),
        "<int:pk>/venue/documents/": ("venue_documents", venue.upload),
        "documents/<slug:public_id>/remove/": ("venue_remove", venue.remove),
        "<int:pk>/papers/": ("papers", papers.page),
        "<int:pk>/papers/make/": ("papers_make", papers.make),
        "<int:pk>/papers/export/": ("papers_export", papers.export),
        "papers/<slug:public_id>/download/": ("paper_download", papers.download),
    }
    return [path(route, guard(view), name=f"rounds_{name}") for route, (name, view) in views.items()]
