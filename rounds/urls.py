"""Pages of docking rounds for the public, for guests by code, and on the workbench."""

from django.urls import path

from rounds.views.public import day, invitations, meeting_requests, plans, rounds

urlpatterns = [
    path("rounds/day/<public_id:code>/", day.party_day, name="party_day"),
    path("rounds/day/<public_id:code>/outcome/", day.party_outcome, name="party_outcome"),
    path("wall/<public_id:public_id>/", day.wall, name="wall"),
    path("workbench/day/", day.my_days, name="my_days"),
    path("workbench/day/<public_id:public_id>/", day.my_day, name="my_day"),
    path("workbench/day/<public_id:public_id>/outcome/", day.my_outcome, name="my_outcome"),
    path("rounds/<public_id:public_id>/agenda/", rounds.agenda, name="round_agenda"),
    path("rounds/<public_id:public_id>/calendar.ics", rounds.calendar_file, name="round_calendar"),
    path("rounds/agenda/<public_id:public_id>.ics", rounds.item_file, name="agenda_item_calendar"),
    path("rounds/documents/<public_id:public_id>/", rounds.document, name="round_document"),
    path("r/", invitations.rsvp_code, name="rsvp_code"),
    path("r/<public_id:code>/", invitations.rsvp, name="rsvp"),  # short, for printed QR codes
    path("workbench/invitations/", invitations.my_invitations, name="my_invitations"),
    path("workbench/invitations/<public_id:public_id>/", invitations.my_invitation, name="my_invitation"),
    path("rounds/plans/<public_id:code>/", plans.party_plan, name="party_plan"),
    path("rounds/plans/<public_id:code>/meetings.ics", plans.party_calendar_file, name="party_calendar"),
    path("workbench/meetings/", plans.my_plans, name="my_plans"),
    path("workbench/meetings/<public_id:public_id>/", plans.my_plan, name="my_plan"),
    path("rounds/plans/<public_id:code>/wishes/", meeting_requests.party_wishes, name="party_wishes"),
    path("workbench/meetings/<public_id:public_id>/wishes/", meeting_requests.my_wishes, name="my_wishes"),
]
