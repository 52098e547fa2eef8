from django.urls import path

from notices.views.public.receipts import receipts
from notices.views.public.unsubscribe import unsubscribe
from notices.views.workbench import notices
from notices.views.workbench.preference import preference

urlpatterns = [
    path("workbench/notices/", notices.notices, name="notices"),
    path("workbench/notices/read/", notices.read_all, name="notices_read"),
    path("workbench/notices/settings/", preference, name="notice_preference"),
    path("workbench/notices/<slug:public_id>/read/", notices.read, name="notice_read"),
    path("notices/receipts/", receipts, name="notice_receipts"),
    path("notices/unsubscribe/<str:token>/", unsubscribe, name="unsubscribe"),
]
