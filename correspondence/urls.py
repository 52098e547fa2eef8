from django.urls import path

from correspondence.views.public import handover, letter
from correspondence.views.workbench import handovers, inbox, letters

INBOX, LETTERS = "workbench/inbox/", "workbench/letters/"

urlpatterns = [
    path("handovers/<slug:token>/", handover.handover, name="handover"),
    path("letters/<slug:token>/", letter.letter_page, name="completer_letter"),
    path("letters/<slug:token>/stop/", letter.letter_stop, name="letter_stop"),
    path(INBOX, inbox.inbox, name="inbox"),
    path(f"{INBOX}handovers/<public_id:public_id>/", handovers.handover_step, name="handover_step"),
    path(f"{INBOX}<slug:key>/", inbox.inbox_item, name="inbox_item"),
    path(f"{INBOX}<slug:key>/hand-over/", handovers.hand_over_item, name="hand_over"),
    path(LETTERS, letters.letter_list, name="letters"),
    path(f"{LETTERS}settings/", letters.letter_settings, name="letter_settings"),
    path(f"{LETTERS}<public_id:public_id>/stop/", letters.letter_stop_by_office, name="letter_stop_by_office"),
]
