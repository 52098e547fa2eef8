from django.urls import path

from subscriptions.views.public.stop import subscription_stop
from subscriptions.views.workbench import dismissals, subscriptions

urlpatterns = [
    path("workbench/subscriptions/", subscriptions.my_subscriptions, name="my_subscriptions"),
    path("workbench/subscriptions/new/", subscriptions.saved_search_new, name="saved_search_new"),
    path("workbench/subscriptions/dismissed/", dismissals.dismissed_items, name="dismissed_items"),
    path(
        "workbench/subscriptions/dismissed/<public_id:public_id>/restore/",
        dismissals.dismissal_restore,
        name="dismissal_restore",
    ),
    path("workbench/subscriptions/hits/<public_id:public_id>/dismiss/", dismissals.hit_dismiss, name="hit_dismiss"),
    path("workbench/subscriptions/<public_id:public_id>/", subscriptions.saved_search_edit, name="saved_search_edit"),
    path(
        "workbench/subscriptions/<public_id:public_id>/step/",
        subscriptions.saved_search_step,
        name="saved_search_step",
    ),
    path("subscriptions/stop/<str:token>/", subscription_stop, name="subscription_stop"),
]
