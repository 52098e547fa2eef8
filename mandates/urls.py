from django.urls import path

from mandates.views.workbench import mandates

AT = "workbench/mandates/"

urlpatterns = [
    path(AT, mandates.mandate_list, name="mandates"),
    path(f"{AT}new/", mandates.mandate_new, name="mandate_new"),
    path(f"{AT}<public_id:public_id>/", mandates.mandate_detail, name="mandate"),
    *(
        path(f"{AT}<public_id:public_id>/{step}/", mandates.mandate_step, {"step": step}, name=f"mandate_{step}")
        for step in ("confirm", "extend", *mandates.STEPS)
    ),
    path(f"{AT}<public_id:public_id>/contact/", mandates.mandate_contact, name="mandate_contact"),
    path(f"{AT}<public_id:public_id>/file/", mandates.mandate_file, name="mandate_file"),
    path(f"{AT}documents/<public_id:public_id>/", mandates.mandate_replaced_file, name="mandate_replaced_file"),
]
