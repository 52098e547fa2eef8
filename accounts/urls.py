from django.urls import path

from accounts.views.public import sign_up

urlpatterns = [
    path("sign-up/", sign_up.sign_up, name="sign_up"),
    path("sign-up/<slug:public_id>/", sign_up.sign_up_status, name="sign_up_state"),
]
