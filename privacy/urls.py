from django.urls import path

from privacy.views.public import requests
from privacy.views.workbench import handling

urlpatterns = [
    path("personal-data/", requests.personal_data, name="personal_data"),
    path("personal-data/link/<slug:secret>/", requests.data_request_link, name="data_request_link"),
    path("personal-data/link/<slug:secret>/download/", requests.link_copy, name="data_request_link_copy"),
    path("personal-data/<public_id:public_id>/download/", requests.own_copy, name="own_data_copy"),
    path("workbench/personal-data/", handling.data_requests, name="data_requests"),
    path("workbench/personal-data/<public_id:public_id>/", handling.data_request, name="data_request"),
    path(
        "workbench/personal-data/<public_id:public_id>/download/", handling.data_request_copy, name="data_request_copy"
    ),
]
