from django.urls import path

from achievements.views.public import attachments as public
from achievements.views.workbench import attachments as workbench
from achievements.views.workbench import sheet_imports

urlpatterns = [
    path("achievements/attachments/<slug:public_id>/", public.attachment_download, name="attachment_download"),
    path("achievements/attachments/<slug:public_id>/remove/", workbench.attachment_remove, name="attachment_remove"),
    path("achievements/<slug:public_id>/attachments/", workbench.attachment_add, name="attachment_add"),
    path("workbench/import-spellings/", sheet_imports.learned_spellings, name="learned_spellings"),
    path("workbench/imports/<public_id:public_id>/decide/", sheet_imports.decide_findings, name="sheet_import_decide"),
    path("workbench/imports/<public_id:public_id>/headers/", sheet_imports.map_columns, name="sheet_import_headers"),
    path("workbench/imports/<public_id:public_id>/cells/", sheet_imports.cells, name="sheet_import_cells"),
    path("workbench/imports/<public_id:public_id>/absent/", sheet_imports.absent, name="sheet_import_absent"),
]
