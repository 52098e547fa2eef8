from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.html import format_html
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display

from accounts.models import User
from accounts.requests import user_of
from audit.staff_admin import StaffAdmin, confirm, with_reason
from core.downloads import send_download
from rounds.admin_urls import party_urls
from rounds.forms.invitations import ReplyForm
from rounds.models import Attendee, DockingRound, Party
from rounds.services.guests import (
    add_party,
    invite_parties,
    mark_letters_printed,
    party_side,
    remind_parties,
    withdraw_party,
)
from rounds.views.staff import pre_docking_export

CHANGE = ["rounds.change_party"]


class PartyForm(forms.ModelForm):
    """Lists a firm or a team for a round."""

    class Meta:
        model = Party
        fields = ["docking_round", "organisation", "team", "note"]

    def clean(self):
        super().clean()
        values = self.cleaned_data
        if self.instance.pk is None and (organisation := values.get("organisation")):
            try:
                self.instance.side = party_side(organisation)
            except ValidationError as error:
                self.add_error("organisation", error)
            else:
                if self.instance.side == Party.Side.FIRM and values.get("team"):
                    self.add_error("team", "只有院校分团队参加，企业请不要填写团队。")
        return values


class AttendeeInline(TabularInline):
    """Read-only; the answer form changes attendees."""

    model = Attendee
    extra = 0
    fields = readonly_fields = ["name", "position", "role", "stands_in_for", "checked_in_at"]
    tab = True

    def has_add_permission(self, request: HttpRequest, obj=None):
        return False

    has_change_permission = has_delete_permission = has_add_permission

    def has_view_permission(self, request: HttpRequest, obj=None):
        return request.user.has_perm("rounds.view_party")


@admin.register(Party)
class PartyAdmin(StaffAdmin):
    form = PartyForm
    list_display = [
        "organisation",
        "state",
        "team",
        "region",
        "docking_round",
        "letter",
        "people",
        "invited_at",
        "answered_at",
    ]
    list_filter = [
        ("docking_round", RelatedDropdownFilter),
        ("answer", ChoicesDropdownFilter),
        ("letter", ChoicesDropdownFilter),
        ("side", ChoicesDropdownFilter),
        ("organisation__stat_region", RelatedDropdownFilter),
    ]
    list_select_related = ["organisation__stat_region", "docking_round"]
    search_fields = ["organisation__name", "organisation__short_name", "team"]
    autocomplete_fields = ["organisation"]
    actions = ["invite", "remind", "printed", "export"]
    actions_detail = ["invite_one", "relist", "withdraw"]
    inlines = [AttendeeInline]
    list_before_template = "rounds/staff/party_list_frame.html"
    change_form_outer_before_template = "rounds/staff/party_form_frame.html"
    answered = [
        "state",
        "letter",
        "invited_at",
        "invited_by",
        "reminded_at",
        "answered_at",
        "answered_by",
        "answer_note",
    ]
    coming = ["arrives_at", "leaves_at", "most_meetings", "withdrawn_reason", "answer_link"]
    readonly_fields = [*answered, *coming]
    fieldsets = [
        (None, {"fields": ["docking_round", "organisation", "team", "note"]}),
        ("邀请和答复", {"fields": answered}),
        ("到会", {"fields": coming}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj=None):
        return self.fieldsets if obj else self.fieldsets[:1]

    def get_inlines(self, request: HttpRequest, obj):
        return self.inlines if obj else []

    def get_urls(self):
        guard = self.admin_site.admin_view
        answer = path("<path:object_id>/answer/", guard(self.answer_for), name="rounds_party_answer")
        return [*party_urls(self.admin_site), answer, *super().get_urls()]

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).prefetch_related("attendees")

    def changelist_view(self, request: HttpRequest, extra_context=None):
        """The list of one round has that round's tabs."""
        number = request.GET.get("docking_round__id__exact", "")
        is_key = number.isascii() and number.isdecimal() and len(number) < 10
        rounds = DockingRound.objects.visible_to(request.user)
        of_one = rounds.filter(pk=number).first() if is_key else None
        return super().changelist_view(request, (extra_context or {}) | {"docking_round": of_one})

    def get_readonly_fields(self, request: HttpRequest, obj=None):
        return [*self.readonly_fields, "docking_round", "organisation", "team"] if obj else self.readonly_fields

    def get_actions_detail(self, request: HttpRequest, object_id=None):
        """Only actions that the party's answer allows."""
        party = self.get_object(request, object_id) if object_id else None
        steps = {
            "listed": {"one", "withdraw"},
            "invited": {"withdraw"},
            "coming": {"withdraw"},
            "declined": {"withdraw"},
            "waiting": {"withdraw"},
            "withdrawn": {"relist"},
        }.get(party.answer if party else "", set())
        return [
            step
            for step in super().get_actions_detail(request, object_id)
            if step.action_name.rpartition("_")[2] in steps
        ]

    def formfield_for_foreignkey(self, db_field, request: HttpRequest, **kwargs):
        if db_field.name == "docking_round":
            kwargs["queryset"] = DockingRound.objects.visible_to(request.user).open()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_export_party_permission(self, request: HttpRequest):
        return request.user.has_perm("rounds.export_party")

    @display(description="区市县", ordering="organisation__stat_region__order")
    def region(self, party):
        return party.organisation.stat_region if party.side == Party.Side.FIRM else "院校"

    @display(
        description="答复",
        ordering="answer",
        label={
            "待邀请": "info",
            "已邀请": "warning",
            "参加": "success",
            "候补": "warning",
            "不参加": "danger",
            "已撤回": "danger",
        },
    )
    def state(self, party):
        return party.get_answer_display()

    @display(description="人数")
    def people(self, party):
        return len(party.attendees.all()) or None

    @display(description="代为答复")
    def answer_link(self, party):
        if party.answer in (Party.Answer.LISTED, Party.Answer.WITHDRAWN):
            return "邀请以后才能答复"
        address = reverse("admin:rounds_party_answer", args=[party.pk])
        return format_html('<a class="text-primary-600 underline" href="{}">{}</a>', address, "记录电话答复或更改")

    def answer_for(self, request: HttpRequest, object_id):
        """Record an answer by phone, or a change after the timetable was published."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        party = self.staff_object(request, object_id)
        form = ReplyForm(request.POST or None, party=party, by=user_of(request))
        if request.method == "POST" and form.is_valid() and form.save():
            return redirect(self.change_url(party))
        context = {"party": party, "form": form, "back": self.change_url(party)}
        status = 422 if request.method == "POST" else 200
        return render(request, "rounds/staff/party_answer.html", context, status=status)

    @admin.action(description="邀请", permissions=["change"])
    def invite(self, request: HttpRequest, queryset):
        self._many(request, invite_parties, queryset, lambda done: done.sentence)

    @admin.action(description="提醒未答复的", permissions=["change"])
    def remind(self, request: HttpRequest, queryset):
        self._many(request, remind_parties, queryset, lambda done: f"已提醒 {done.sentence}。")

    @admin.action(description="标为邀请函已打印", permissions=["change"])
    def printed(self, request: HttpRequest, queryset):
        self._many(
            request, mark_letters_printed, queryset, lambda done: "已标记 %(count)s 份邀请函。" % {"count": done}
        )

    @admin.action(description="导出 Excel", permissions=["export_party"])
    def export(self, request: HttpRequest, queryset):
        return send_download(pre_docking_export.export_parties(queryset, by=request.user), "参会单位.xlsx")

    @action(description="邀请", permissions=CHANGE, dialog=confirm("邀请这个单位？", submit="邀请"))
    def invite_one(self, request: HttpRequest, form, object_id):
        party = self.staff_object(request, object_id)
        self._many(request, invite_parties, [party], lambda done: done.sentence)
        return self.back(request, self.change_url(party))

    @action(description="重新列入名单", permissions=CHANGE, dialog=confirm("重新列入名单？", submit="列入"))
    def relist(self, request: HttpRequest, form, object_id):
        party = self.staff_object(request, object_id)
        self.run_on(request, [party], _relist, done="已重新列入名单。")
        return self.back(request, self.change_url(party))

    @action(
        description="撤回",
        permissions=CHANGE,
        dialog=with_reason("从名单中撤回？", "邀请码随即失效。", submit="撤回"),
    )
    def withdraw(self, request: HttpRequest, form, object_id):
        party = self.staff_object(request, object_id)
        reason = form.cleaned_data["reason"]
        self.run_on(request, [party], withdraw_party, done="已撤回。", reason=reason)
        return self.back(request, self.change_url(party))

    def _many(self, request: HttpRequest, service, parties, sentence):
        try:
            done = service(parties, by=request.user)
        except ValidationError as error:
            self.message_user(request, "；".join(error.messages), "error")
        else:
            self.message_user(request, sentence(done))


def _relist(party: Party, *, by: User) -> None:
    add_party(party.docking_round, party.organisation, team=party.team, by=by)


@admin.register(Attendee)
class AttendeeAdmin(StaffAdmin):
    list_display = ["name", "position", "party", "round_name", "checked_in_at"]
    list_select_related = ["party__organisation", "party__docking_round"]
    list_filter = [("party__docking_round", RelatedDropdownFilter)]
    search_fields = ["name", "party__organisation__name"]
    fields = ["party", "name", "position", "same_as", "checked_in_at", "checked_in_by"]
    readonly_fields = ["party", "checked_in_at", "checked_in_by"]
    autocomplete_fields = ["same_as"]

    def has_add_permission(self, request: HttpRequest):
        return False  # attendees are added with their party's answer

    @display(description="对接活动", ordering="party__docking_round")
    def round_name(self, attendee):
        return attendee.party.docking_round
