from django.urls import path

from portfolio.models import Picture
from portfolio.views.public import media
from portfolio.views.public.renewal import renewal
from portfolio.views.workbench import bulk, cells, delegated, delegations, gallery, item, proposals, renewals

SIZES = Picture.SIZES
AT, RENEWALS = "workbench/achievements/", "workbench/renewals/"
DELEGATIONS, DELEGATED, PROPOSALS = "workbench/delegations/", "workbench/delegated/", "workbench/proposals/"

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
    path(DELEGATIONS, delegations.delegation_list, name="delegations"),
    path(f"{DELEGATIONS}college/", delegations.delegation_college, name="delegation_college"),
    path(f"{DELEGATIONS}completer/", delegations.delegation_completer, name="delegation_completer"),
    path(f"{DELEGATIONS}<public_id:public_id>/", delegations.delegation_detail, name="delegation"),
    path(DELEGATED, delegated.delegated_list, name="delegated"),
    path(f"{DELEGATED}export/", delegated.delegated_export, name="delegated_export"),
    path(f"{DELEGATED}<public_id:public_id>/", delegated.delegated_item_page, name="delegated_item"),
    path(PROPOSALS, proposals.proposal_list, name="proposals"),
    path(f"{PROPOSALS}<public_id:public_id>/", proposals.proposal_decide, name="proposal_decide"),
    path(f"{PROPOSALS}<public_id:public_id>/withdraw/", delegated.proposal_withdraw, name="proposal_withdraw"),
    path(f"{AT}<public_id:public_id>/gallery/", gallery.gallery, name="gallery"),
    path(f"{AT}<public_id:public_id>/gallery/pictures/", gallery.picture_add, name="picture_add"),
    path(f"{AT}<public_id:public_id>/gallery/order/", gallery.picture_order, name="picture_order"),
    path(f"{AT}<public_id:public_id>/gallery/texts/", gallery.picture_texts, name="picture_texts"),
    path(f"{AT}<public_id:public_id>/gallery/videos/", gallery.video_add, name="video_add"),
    path("workbench/pictures/<public_id:public_id>/step/", gallery.picture_step, name="picture_step"),
    path("workbench/videos/<public_id:public_id>/remove/", gallery.video_remove, name="video_remove"),
    *(path(f"pictures/<public_id:public_id>/{size}/", media.picture, {"size": size}, name="picture") for size in SIZES),
    path("videos/<public_id:public_id>/", media.video, name="video"),
]
