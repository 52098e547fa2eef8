from django.urls import path

from matching.views.public import checks

urlpatterns = [
    path("c/<public_id:code>/", checks.check, name="check"),
    path("workbench/checks/<public_id:public_id>/", checks.check_by_phone, name="check_by_phone"),
    path("workbench/feedback/", checks.talk_feedback, name="talk_feedback"),
]
