from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import display

from rounds.admin.own_page import OwnPageAdmin
from rounds.models import AgendaItem, DockingRound
from rounds.views.staff.agenda import agenda_item


@admin.register(AgendaItem)
class AgendaItemAdmin(OwnPageAdmin):
    """The items of all rounds; those of one round stand on its own page."""

    page = staticmethod(agenda_item)
    list_display = ["when", "title", "kind_shown", "hall", "docking_round", "is_public", "state"]
    list_display_links = ["when", "title"]
    list_filter = [("docking_round", RelatedDropdownFilter), "kind", ("hall", RelatedDropdownFilter)]
    list_select_related = ["hall", "docking_round"]
    search_fields = ["title", "guests", "docking_round__name"]

    def has_change_permission(self, request: HttpRequest, obj=None):
        is_open = obj is None or (obj.dropped_at is None and obj.docking_round.status in DockingRound.OPEN)
        return super().has_change_permission(request, obj) and is_open

    @display(description="时间", ordering="starts_at")
    def when(self, item):
        return item.span

    @display(description="类型", ordering="kind", label=True)
    def kind_shown(self, item):
        return item.get_kind_display()

    @display(description="状态", label={"取消": "danger", "照常": "success"})
    def state(self, item):
        return "取消" if item.dropped_at else "照常"
