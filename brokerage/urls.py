from django.urls import path

from brokerage.views.public import brokers
from brokerage.views.workbench import commissions, help_requests, pipeline, profiles

HELP, PIPELINE, COMMISSIONS = "workbench/help/", "workbench/pipeline/", "workbench/commissions/"

urlpatterns = [
    path("agencies/brokers/<public_id:public_id>/", brokers.broker_detail, name="broker_detail"),
    path(HELP, help_requests.help_request_list, name="help_requests"),
    path(f"{HELP}new/", help_requests.help_request_new, name="help_request_new"),
    path(f"{HELP}<public_id:public_id>/", help_requests.help_request_detail, name="help_request"),
    *(
        path(
            f"{HELP}<public_id:public_id>/{step}/",
            help_requests.help_request_step,
            {"step": step},
            name=f"help_request_{step}",
        )
        for step in (*help_requests.STEPS, "mandate")
    ),
    path(PIPELINE, pipeline.pipeline, name="pipeline"),
    path(f"{PIPELINE}export/", pipeline.pipeline_export, name="pipeline_export"),
    path(f"{PIPELINE}<slug:key>/", pipeline.pipeline_step, name="pipeline_step"),
    path("workbench/deals/<public_id:public_id>/commission/", commissions.commission_new, name="commission_new"),
    path(f"{COMMISSIONS}<public_id:public_id>/", commissions.commission_detail, name="commission"),
    *(
        path(
            f"{COMMISSIONS}<public_id:public_id>/{step}/",
            commissions.commission_step,
            {"step": step},
            name=f"commission_{step}",
        )
        for step in (*commissions.STEPS, "paid")
    ),
    path(f"{COMMISSIONS}<public_id:public_id>/change/", commissions.commission_change, name="commission_change"),
    path("workbench/profiles/", profiles.my_profiles, name="my_profiles"),
    path("workbench/profiles/<public_id:public_id>/", profiles.profile_edit, name="profile_edit"),
    path("workbench/profiles/<public_id:public_id>/case/", profiles.case_tell, name="case_tell"),
    path("workbench/cases/", profiles.case_consents, name="case_consents"),
    path("workbench/cases/<public_id:public_id>/answer/", profiles.case_answer, name="case_answer"),
    path("workbench/cases/<public_id:public_id>/remove/", profiles.case_remove, name="case_remove"),
]
