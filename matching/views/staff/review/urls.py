"""URLs of the review desk, below those of the matches in the admin."""

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from matching.views.staff.review import bulk, by_demand, choices, decisions, preferences, queue


def review_urls(admin_site: AdminSite) -> list[URLPattern]:
    views = {
        "": ("triage", queue.triage),
        "queue/": ("queue", queue.queue),
        "pairs/": ("pairs", queue.pairs),
        "colleagues/": ("colleagues", choices.colleagues),
        "brokers/": ("brokers", choices.brokers),
        "decide/": ("decide", decisions.decide),
        "undo/": ("undo", decisions.undo),
        "preview/": ("preview", bulk.preview),
        "bulk/": ("bulk", bulk.bulk),
        "cards/": ("cards", by_demand.cards),
        "choose/": ("choose", by_demand.choose),
        "keys/": ("keys", preferences.single_keys),
        "needs/": ("needs", by_demand.demands),
        "needs/<slug:public_id>/": ("need", by_demand.demand),
    }
    return [
        path(f"triage/{route}", admin_site.admin_view(view), name=f"matching_triage_{name}")
        for route, (name, view) in views.items()
    ]
