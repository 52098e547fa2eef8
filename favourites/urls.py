from django.urls import path

from favourites.views.public import favourites as public
from favourites.views.public import kept_list
from favourites.views.workbench import favourites

urlpatterns = [
    path("favourites/", kept_list.kept_favourites, name="kept_favourites"),
    path("favourites/shared/", kept_list.shared_favourites, name="shared_favourites"),
    path("favourites/shared/take/", kept_list.take_over_list, name="favourites_take"),
    path("favourites/export/", kept_list.export_favourites, name="favourites_export"),
    path("favourites/empty/", kept_list.empty_list, name="favourites_empty"),
    path("favourites/add/", public.add_favourite, name="favourite_add"),
    path("favourites/remove/", public.remove_favourite, name="favourite_remove"),
    path("workbench/favourites/", favourites.my_favourites, name="my_favourites"),
    path("workbench/favourites/<public_id:public_id>/", favourites.change_favourite, name="favourite_change"),
]
