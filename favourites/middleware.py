"""After a sign-in the browser's own list is in the account: it goes from the browser."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from favourites.kept_list import keep_marks


class KeptFavouritesMiddleware:
    """Writes what the sign-in signal has left over of the list (`request.unmoved_favourites`)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        left = getattr(request, "unmoved_favourites", None)
        if left is not None:
            keep_marks(response, left)
        return response
