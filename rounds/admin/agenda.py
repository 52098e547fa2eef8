from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseRedirect
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelect2MultipleWidget, UnfoldAdminSelect2Widget

from accounts.requests import user_of
from achievements.models import Achievement
from audit.staff_admin import StaffAdmin, with_reason
from core.forms import model_choice
from rounds.models import AgendaItem, Attendee, DockingRound, Hall, Party
from rounds.services.agenda import PEOPLE_FIELDS, agenda_item_problems, drop_agenda_item, save_agenda_item


class AgendaItemForm(forms.ModelForm):
    """Offers only halls, people and achievements of the item's round; reports conflicts with names."""

    class Meta:
        model = AgendaItem
        fields = [
            *("docking_round", "kind", "title", "hall", "starts_at", "ends_at", "achievement"),
            *("speakers", "guests", "parties", "attendees", "is_public", "note"),
        ]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        docking_round = self._round()
        if "hall" not in self.fields:
            return  # read-only form
        people = Attendee.objects.filter(party__docking_round=docking_round).select_related("party__organisation")
        choices = {
            "hall": Hall.objects.filter(docking_round=docking_round),
            "achievement": Achievement.objects.filter(rounds=docking_round).select_related("institution"),
            "speakers": people,
            "attendees": people,
            "parties": Party.objects.filter(docking_round=docking_round).select_related("organisation"),
        }
        for name, rows in choices.items():
            self.fields[name].queryset = rows
        for name in PEOPLE_FIELDS:  # Django's hint on multiple selection does not fit this widget
            self.fields[name].help_text = AgendaItem._meta.get_field(name).help_text
        for name in ("speakers", "attendees"):
            self.fields[name].label_from_instance = lambda attendee: f"{attendee.name}（{attendee.party}）"
        if "docking_round" in self.fields:
            model_choice(self, "docking_round").queryset = DockingRound.objects.open()
            self.fields["docking_round"].initial = docking_round

    def _round(self):
        """The round of the item; the next open one if none is given."""
        if self.instance.pk:
            return self.instance.docking_round
        chosen = str(self.data.get("docking_round") or self.initial.get("docking_round") or "")
        rounds = DockingRound.objects.open().order_by("starts_at")
        return (rounds.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 12 else None) or rounds.first()

    def _post_clean(self) -> None:
        """Check for conflicts once each field is valid."""
        super()._post_clean()
        if self.errors or not self.instance.docking_round_id:
            return
        people = {name: self.cleaned_data.get(name) or [] for name in PEOPLE_FIELDS}
        if reasons := agenda_item_problems(self.instance, self.instance.docking_round, **people):
            self.add_error(None, reasons)


@admin.register(AgendaItem)
class AgendaItemAdmin(StaffAdmin):
    form = AgendaItemForm
    list_display = ["when", "title", "kind_shown", "hall", "docking_round", "is_public", "state"]
    list_display_links = ["when", "title"]
    list_filter = [("docking_round", RelatedDropdownFilter), "kind", ("hall", RelatedDropdownFilter)]
    list_select_related = ["hall", "docking_round"]
    search_fields = ["title", "guests", "docking_round__name"]
    actions_detail = ["drop"]
    list_before_template = "rounds/staff/agenda_tabs.html"
    records_edits = False  # the service does it
    readonly_fields = ["dropped_reason", "changed_at"]
    fieldsets = [
        (None, {"fields": ["docking_round", ("kind", "title"), ("starts_at", "ends_at", "hall"), "achievement"]}),
        ("发言人", {"fields": ["speakers", "guests"]}),
        ("谁必须到场", {"fields": ["parties", "attendees"]}),
        ("公开", {"fields": ["is_public", "note", "changed_at", "dropped_reason"]}),
    ]

    def changelist_view(self, request: HttpRequest, extra_context=None):
        """With the header of the round that the list is narrowed to."""
        number = request.GET.get("docking_round__id__exact", "")
        rounds = DockingRound.objects.visible_to(user_of(request))
        shown = (
            rounds.filter(pk=int(number)).first()
            if number.isascii() and number.isdecimal() and len(number) < 10
            else None
        )
        return super().changelist_view(request, (extra_context or {}) | {"docking_round": shown})

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        """The round of an item is fixed: its people and halls belong to that round."""
        return [*super().get_readonly_fields(request, obj), *(["docking_round"] if obj else [])]

    def get_fieldsets(self, request: HttpRequest, obj=None):
        """Fields about later changes are hidden for a new item."""
        if obj:
            return super().get_fieldsets(request, obj)
        return [*self.fieldsets[:-1], ("公开", {"fields": ["is_public", "note"]})]

    def has_change_permission(self, request: HttpRequest, obj=None):
        is_open = obj is None or (obj.dropped_at is None and obj.docking_round.status in DockingRound.OPEN)
        return super().has_change_permission(request, obj) and is_open

    def formfield_for_manytomany(self, db_field, request: HttpRequest, **kwargs):
        return super().formfield_for_manytomany(
            db_field, request, **kwargs | {"widget": UnfoldAdminSelect2MultipleWidget}
        )

    def formfield_for_foreignkey(self, db_field, request: HttpRequest, **kwargs):
        widget = {"widget": UnfoldAdminSelect2Widget} if db_field.name == "achievement" else {}
        return super().formfield_for_foreignkey(db_field, request, **kwargs | widget)

    def save_model(self, request: HttpRequest, obj, form, change):
        people = {name: form.cleaned_data[name] for name in PEOPLE_FIELDS}
        save_agenda_item(obj, by=user_of(request), **people)

    def save_related(self, request: HttpRequest, form, formsets, change):
        """`save_agenda_item` has saved the people."""

    def changeform_view(self, request: HttpRequest, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as error:  # another user took the hall between check and write
            messages.error(request, "；".join(error.messages))
            return HttpResponseRedirect(request.get_full_path())

    @display(description="时间", ordering="starts_at")
    def when(self, item):
        return item.span

    @display(description="类型", ordering="kind", label=True)
    def kind_shown(self, item):
        return item.get_kind_display()

    @display(description="状态", label={"取消": "danger", "照常": "success"})
    def state(self, item):
        return "取消" if item.dropped_at else "照常"

    def get_actions_detail(self, request: HttpRequest, object_id=None):
        item = self.get_object(request, object_id) if object_id else None
        is_open = item and item.dropped_at is None
        return super().get_actions_detail(request, object_id) if is_open else []

    @action(
        description="取消这一项",
        permissions=["rounds.change_agendaitem"],
        dialog=with_reason("取消这一项议程？", "订阅了日历的人会看到它已取消。", submit="取消这一项"),
    )
    def drop(self, request: HttpRequest, form, object_id):
        item = self.staff_object(request, object_id)
        reason = form.cleaned_data["reason"]
        self.run_on(request, [item], drop_agenda_item, done="已取消。", reason=reason)
        return self.back(request, self.change_url(item))
