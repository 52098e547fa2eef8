from django.urls import path

from portfolio.views.public.renewal import renewal
from portfolio.views.workbench import bulk, cells, item, renewals

AT, RENEWALS = "workbench/achievements/", "workbench/renewals/"

urlpatterns = [
    path("renewals/<slug:token>/", renewal, name="renewal"),
    path(f"{AT}bulk/", bulk.achievements_bulk, name="achievements_bulk"),
    path("workbench/bulk-edits/<public_id:public_id>/undo/", bulk.bulk_edit_undo, name="bulk_edit_undo"),
    path(f"{AT}<public_id:public_id>/cell/", cells.achievement_cell, name="achievement_cell"),
    path(f"{AT}<public_id:public_id>/file/", item.achievement_file, name="achievement_file"),
    path(f"{AT}<public_id:public_id>/patents/", item.patent_note, name="patent_note"),
    path(f"{AT}<public_id:public_id>/consents/", item.consent_note, name="consent_note"),
    path(RENEWALS, renewals.renewal_list, name="renewals"),
    path(f"{RENEWALS}new/", renewals.renewal_new, name="renewal_new"),
    path(f"{RENEWALS}answers/", renewals.answer_list, name="renewal_answers"),
    path(f"{RENEWALS}answers/valid/", renewals.answers_valid, name="renewal_answers_valid"),
    path(f"{RENEWALS}answers/<public_id:public_id>/", renewals.answer_decide, name="renewal_answer"),
    path(f"{RENEWALS}links/<public_id:public_id>/", renewals.link_step, name="renewal_link"),
    path(f"{RENEWALS}<public_id:public_id>/", renewals.renewal_detail, name="renewal_campaign"),
    path(f"{RENEWALS}<public_id:public_id>/end/", renewals.renewal_end, name="renewal_end"),
]
