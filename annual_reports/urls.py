from django.urls import path

from annual_reports.views.workbench import registration_forms, reports

AT = "workbench/annual-reports/"

urlpatterns = [
    path(AT, reports.report_list, name="annual_reports"),
    path(f"{AT}files/<public_id:public_id>/download/", reports.report_file, name="annual_report_file"),
    path(f"{AT}<public_id:public_id>/", reports.report_page, name="annual_report"),
    path(f"{AT}<public_id:public_id>/answers/", reports.report_answers, name="annual_report_answers"),
    path(f"{AT}<public_id:public_id>/step/", reports.report_step, name="annual_report_step"),
    path(f"{AT}<public_id:public_id>/draft/download/", reports.report_draft, name="annual_report_draft"),
    path(f"{AT}<public_id:public_id>/rows/", reports.report_rows, name="annual_report_rows"),
    path("workbench/registration-forms/", registration_forms.registration_forms, name="registration_forms"),
    path(
        "workbench/achievements/<public_id:public_id>/registration-form/download/",
        registration_forms.registration_form,
        name="registration_form",
    ),
]
