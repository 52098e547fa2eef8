from django.urls import path

from favourites.views.public import favourites as public
from favourites.views.workbench import favourites

urlpatterns = [
    path("favourites/add/", public.add_favourite, name="favourite_add"),
    path("favourites/remove/", public.remove_favourite, name="favourite_remove"),
    path("workbench/favourites/", favourites.my_favourites, name="my_favourites"),
    path("workbench/favourites/<public_id:public_id>/", favourites.change_favourite, name="favourite_change"),
]
