"""Pages of docking rounds for the public, for guests by code, and on the workbench. Staff: `rounds.admin_urls`."""

from django.urls import path

from rounds.views.public import (
    agenda,
    confirmations,
    event_day,
    invitations,
    meeting_requests,
    participants,
    plans,
    signage,
)
from rounds.views.workbench import event_day as my_event_day
from rounds.views.workbench import invitations as my_invitations
from rounds.views.workbench import meeting_requests as my_meeting_requests
from rounds.views.workbench import participants as my_participants
from rounds.views.workbench import plans as my_plans

urlpatterns = [
    path("rounds/day/<public_id:code>/", event_day.party_day, name="party_day"),
    path("rounds/day/<public_id:code>/outcome/", event_day.party_outcome, name="party_outcome"),
    path("confirm/<str:token>/", confirmations.confirmation, name="side_confirmation"),
    path("wall/<public_id:code>/", signage.signage, name="signage"),
    path("wall/<public_id:code>/worker.js", signage.worker, name="signage_worker"),
    path("workbench/day/", my_event_day.my_days, name="my_days"),
    path("workbench/day/<public_id:public_id>/", my_event_day.my_day, name="my_day"),
    path("workbench/day/<public_id:public_id>/outcome/", my_event_day.my_outcome, name="my_outcome"),
    path("rounds/<public_id:public_id>/agenda/", agenda.agenda, name="round_agenda"),
    path("rounds/<public_id:public_id>/calendar.ics", agenda.round_calendar_file, name="round_calendar"),
    path("rounds/agenda/<public_id:public_id>.ics", agenda.agenda_item_file, name="agenda_item_calendar"),
    path("rounds/documents/<public_id:public_id>/", agenda.document, name="round_document"),
    path("r/", invitations.rsvp_code, name="rsvp_code"),
    path("r/<public_id:code>/", invitations.rsvp, name="rsvp"),  # short, because it is printed in QR codes
    path("workbench/invitations/", my_invitations.my_invitations, name="my_invitations"),
    path("workbench/invitations/<public_id:public_id>/", my_invitations.my_invitation, name="my_invitation"),
    path("rounds/plans/<public_id:code>/", plans.party_plan, name="party_plan"),
    path("rounds/plans/<public_id:code>/meetings.ics", plans.party_calendar_file, name="party_calendar"),
    path("rounds/plans/<public_id:code>/guests/", participants.party_participants, name="party_participants"),
    path("workbench/meetings/<public_id:public_id>/guests/", my_participants.my_participants, name="my_participants"),
    path("workbench/meetings/", my_plans.my_plans, name="my_plans"),
    path("workbench/meetings/<public_id:public_id>/", my_plans.my_plan, name="my_plan"),
    path(
        "rounds/plans/<public_id:code>/wishes/", meeting_requests.party_meeting_requests, name="party_meeting_requests"
    ),
    path(
        "workbench/meetings/<public_id:public_id>/wishes/",
        my_meeting_requests.my_meeting_requests,
        name="my_meeting_requests",
    ),
]
