from django.urls import path

from notes.views.workbench.notes import SUBJECTS, note_add, note_remove

urlpatterns = [
    *(
        path(f"workbench/notes/{kind}/<public_id:public_id>/", note_add, {"kind": kind}, name=f"note_add_{kind}")
        for kind in SUBJECTS
    ),
    path("workbench/notes/<public_id:public_id>/remove/", note_remove, name="note_remove"),
]
