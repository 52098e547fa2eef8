"""The pages behind the links of a change of address. Opening one changes nothing; its button does."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from authentication.links import change_of_token
from authentication.services.addresses import OVER, confirm_address_change, undo_address_change
from core.masking import mask_email
from core.throttling import throttle_posts

ACTIONS = {"confirm": confirm_address_change, "undo": undo_address_change}


@never_cache
@throttle_posts("address-link", 20, 600)
@require_http_methods(["GET", "POST"])
def address_link(request: HttpRequest, token: str, purpose: str) -> HttpResponse:
    change = change_of_token(token, purpose)
    context: dict = {"purpose": purpose, "problem": "" if change else "这个链接不对，或已超过有效期。"}
    if change is None:
        return render(request, "authentication/public/address_link.html", context, status=404)
    context |= {"address": mask_email(change.new_address if purpose == "confirm" else change.old_address)}
    is_open = change.status == ("asked" if purpose == "confirm" else "confirmed")
    if request.method == "POST":
        try:
            ACTIONS[purpose](change)
        except ValidationError as error:
            context["problem"] = error.messages[0]
        else:
            context["is_done"] = True
    elif not is_open:
        context["problem"] = OVER
    status = 409 if context["problem"] else 200
    return render(request, "authentication/public/address_link.html", context, status=status)
