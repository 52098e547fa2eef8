from django.urls import path

from drafting.views.workbench import documents, drafts

AT = "workbench/drafting/"

urlpatterns = [
    path(AT, drafts.document_drafts, name="document_drafts"),
    path(f"{AT}documents/<public_id:public_id>/file/", documents.draft_document_file, name="draft_document_file"),
    path(f"{AT}documents/<public_id:public_id>/read/", documents.draft_document_read, name="draft_document_read"),
    path(f"{AT}<public_id:public_id>/", drafts.document_draft, name="document_draft"),
    path(f"{AT}<public_id:public_id>/step/", drafts.document_draft_step, name="document_draft_step"),
]
