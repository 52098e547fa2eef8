from django.urls import path

from achievements import views

urlpatterns = [
    path("achievements/attachments/<slug:public_id>/", views.attachment_download, name="attachment_download"),
    path("achievements/attachments/<slug:public_id>/remove/", views.attachment_remove, name="attachment_remove"),
    path("achievements/<slug:public_id>/attachments/", views.attachment_add, name="attachment_add"),
]
