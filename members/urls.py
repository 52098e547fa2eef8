from django.urls import path

from members.views.public import invitation, sign_up
from members.views.workbench import members

urlpatterns = [
    path("sign-up/", sign_up.sign_up, name="sign_up"),
    path("sign-up/objection/<public_id:code>/", sign_up.sign_up_objection, name="sign_up_objection"),
    path("sign-up/<slug:public_id>/", sign_up.sign_up_status, name="sign_up_state"),
    path("invitations/<slug:secret>/", invitation.invitation, name="invitation"),
    path("workbench/organisations/", members.my_organisations, name="my_organisations"),
    path("workbench/organisations/<public_id:public_id>/", members.organisation_members, name="organisation_members"),
]
