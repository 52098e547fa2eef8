"""Public pages and workbench pages of the challenges app. Staff pages are in the admin."""

from django.urls import path

from challenges.views.public import challenges
from challenges.views.workbench import bids, calls

_PUBLIC = [
    path("challenges/", challenges.challenge_list, name="challenge_list"),
    path("challenges/<public_id:public_id>/", challenges.challenge_detail, name="challenge_detail"),
    path("challenges/<public_id:public_id>/ask/", challenges.challenge_ask, name="challenge_ask"),
    path("challenges/<public_id:public_id>/object/", challenges.challenge_object, name="challenge_object"),
]
_WORKBENCH = [
    path("workbench/challenges/", calls.own_challenges, name="own_challenges"),
    path("workbench/demands/<public_id:public_id>/challenge/", calls.challenge_start, name="challenge_start"),
    path("workbench/challenges/<public_id:public_id>/", calls.own_challenge, name="own_challenge"),
    path("workbench/challenges/<public_id:public_id>/edit/", calls.challenge_edit, name="challenge_edit"),
    path("workbench/challenges/<public_id:public_id>/step/", calls.challenge_step, name="challenge_step"),
    path("workbench/challenges/<public_id:public_id>/bid/", bids.bid_start, name="bid_start"),
    path("workbench/challenges/<public_id:public_id>/bids/", bids.bid_comparison, name="bid_comparison"),
    path("workbench/bids/", bids.bids, name="bids"),
    path("workbench/bids/<public_id:public_id>/", bids.bid, name="bid"),
    path("workbench/bids/<public_id:public_id>/step/", bids.bid_step, name="bid_step"),
    path("workbench/bids/<public_id:public_id>/read/", bids.bid_read, name="bid_read"),
    path("workbench/bids/files/<public_id:public_id>/", bids.bid_file, name="bid_file"),
]

urlpatterns = [*_PUBLIC, *_WORKBENCH]
