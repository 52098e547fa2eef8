"""allauth's page of the second step with the site's own context, and removal of a passkey with its refusal."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect


class SecondStepView(AuthenticateView):
    def get_context_data(self, **kwargs) -> dict:
        user = self.stage.login.user
        types = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
        return super().get_context_data(**kwargs) | {
            "site": settings.SITE,  # allauth's `site` is a host name
            "has_codes": bool(types - {Authenticator.Type.WEBAUTHN}),
            "has_passkeys": Authenticator.Type.WEBAUTHN in types,
        }


class RemovePasskeyView(RemoveWebAuthnView):
    def form_valid(self, form) -> HttpResponse:
        adapter = get_adapter()
        if not adapter.can_delete_authenticator(self.get_object()):
            messages.error(self.request, adapter.error_messages["cannot_delete_authenticator"])
            return redirect("account_security")
        return super().form_valid(form)
