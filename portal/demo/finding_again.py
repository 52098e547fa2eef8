"""Favourites and subscriptions of the demo: a firm looks for achievements, an institution for demands."""

from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from demands.models import Demand
from favourites.models import Favourite
from favourites.public_facts import public_facts
from favourites.services.favourites import add_favourite, save_note, share_favourite
from matching.models import Match
from portal.demo.people import DemoContext
from subscriptions.models import Hit, SavedSearch
from subscriptions.services.dismissals import dismiss
from subscriptions.services.new_items import find_new_items_of
from subscriptions.services.saved_searches import SearchDraft, save_search

FIRM, INSTITUTION = "qiling", "dut"
LOOKS_BACK = timedelta(days=400)
"""The demo's subscriptions began long ago, so that the demo's items are new to them."""
FIRM_SEARCHES = (
    SearchDraft("achievement", "检测类成果", "words", "检测", {"bucket": ["industrial", "pilot"]}),
    SearchDraft("achievement", "轴承滚道表面质量", "meaning", "轴承套圈滚道磨削后有烧伤和振纹，要能在线发现，不拆件。"),
)
INSTITUTION_SEARCHES = (SearchDraft("demand", "焊接的难题", "words", "焊接"),)


def load_finding_again(demo: DemoContext) -> None:
    """Runs once. The search by meaning is left to the daily task: the engine's index takes seconds to build."""
    if SavedSearch.objects.exists():
        return
    firm, institution = demo.people[FIRM], demo.people[INSTITUTION]
    offers = Achievement.objects.visible_to(firm).on_offer().order_by("-registered_at", "pk")
    for item in [*offers.filter(price_min_wan__isnull=False)[:4], *Demand.objects.published().order_by("pk")[:1]]:
        add_favourite(item, by=firm)
    for demand in Demand.objects.visible_to(institution).open().order_by("pk")[:3]:
        add_favourite(demand, by=institution)
    favourites = list(Favourite.objects.of_user(firm).select_related("achievement").order_by("pk"))
    if favourites:
        save_note(favourites[0], "下周和车间主任一起看样机", by=firm)
        share_favourite(favourites[0], firm.memberships.order_by("pk")[0].organisation, by=firm)
        _show_changes(favourites[-2:-1])
    _subscribe(firm, FIRM_SEARCHES[:1])
    hit = Hit.objects.of_user(firm).order_by("pk").last()
    if hit:
        dismiss(hit, Match.RejectReason.TOO_EARLY, by=firm)
    waiting = save_search(FIRM_SEARCHES[1], by=firm)
    _backdate([waiting])
    _subscribe(institution, INSTITUTION_SEARCHES)


def _show_changes(favourites: list[Favourite]) -> None:
    """The firm marked the item when its price was another. Written directly: a mark has the facts of its own day."""
    for favourite in favourites:
        known = public_facts(favourite.item) | {"意向价格": "面议"}
        Favourite.objects.filter(pk=favourite.pk).update(known=known, made_at=F("made_at") - timedelta(days=30))


def _subscribe(user: User, drafts: list[SearchDraft] | tuple[SearchDraft, ...]) -> None:
    _backdate([save_search(draft, by=user) for draft in drafts])
    find_new_items_of(user)


def _backdate(searches: list[SavedSearch]) -> None:
    before = timezone.now() - LOOKS_BACK
    SavedSearch.objects.filter(pk__in=[search.pk for search in searches]).update(starts_at=before, checked_at=before)
