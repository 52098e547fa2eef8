"""The addresses of the review desk, below that of the matches in the admin."""

from django.urls import path

from matching.views.staff.review import deeds, needs, pages


def desk_urls(admin_site):
    guard = admin_site.admin_view
    views = {
        "": ("triage", pages.triage),
        "queue/": ("queue", pages.queue),
        "pairs/": ("pairs", pages.pairs),
        "colleagues/": ("colleagues", pages.colleagues),
        "brokers/": ("brokers", pages.brokers),
        "decide/": ("decide", deeds.decide),
        "undo/": ("undo", deeds.undo),
        "preview/": ("preview", deeds.preview),
        "bulk/": ("bulk", deeds.bulk),
        "choose/": ("choose", deeds.choose),
        "keys/": ("keys", deeds.keys),
        "needs/": ("needs", needs.needs),
        "needs/<slug:public_id>/": ("need", needs.need),
    }
    return [
        path(f"triage/{route}", guard(view), name=f"matching_triage_{name}") for route, (name, view) in views.items()
    ]
