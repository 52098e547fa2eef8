from django.urls import path

from achievements.views.public import attachments as public
from achievements.views.workbench import attachments as workbench

urlpatterns = [
    path("achievements/attachments/<slug:public_id>/", public.attachment_download, name="attachment_download"),
    path("achievements/attachments/<slug:public_id>/remove/", workbench.attachment_remove, name="attachment_remove"),
    path("achievements/<slug:public_id>/attachments/", workbench.attachment_add, name="attachment_add"),
]
