from django.urls import path

from notices import views

urlpatterns = [
    path("workbench/notices/", views.notices, name="notices"),
    path("workbench/notices/read/", views.read_all, name="notices_read"),
    path("workbench/notices/settings/", views.preference, name="notice_preference"),
    path("workbench/notices/<slug:public_id>/read/", views.read, name="notice_read"),
    path("notices/unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
