"""Cases for city staff, and what parties are asked about them."""

from django.urls import path

from integrity.views.staff import cases
from integrity.views.workbench import explanations

urlpatterns = [
    path("workbench/integrity/", cases.cases, name="integrity_cases"),
    path("workbench/integrity/<public_id:public_id>/", cases.case, name="integrity_case"),
    path("workbench/integrity/<public_id:public_id>/do/", cases.case_step, name="integrity_case_do"),
    path("workbench/explanations/", explanations.explanations, name="integrity_explanations"),
    path("workbench/explanations/<public_id:public_id>/", explanations.explanation, name="integrity_explanation"),
    path(
        "workbench/explanations/<public_id:public_id>/file/",
        explanations.explanation_file,
        name="integrity_explanation_file",
    ),
]
