"""Only those of allauth's pages that are used: it has no sign-up, no list of addresses and no login of its own here."""

from allauth.account import views as account_views
from allauth.mfa.base import views as factor_views
from allauth.mfa.recovery_codes import views as code_views
from allauth.mfa.totp import views as totp_views
from allauth.mfa.webauthn import views as passkey_views
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.urls import path, reverse_lazy
from django.views.decorators.cache import never_cache

from authentication.views.public import address_links, government, password_reset, second_step, sign_in
from authentication.views.workbench import security

SECURITY = {"success_url": reverse_lazy("account_security")}


def _of_user(view):
    """Pages with secrets: for signed-in users, and in no cache."""
    return never_cache(login_required(view))


urlpatterns = [
    path("accounts/login/", sign_in.LoginView.as_view(), name="login"),
    path("accounts/login/", sign_in.LoginView.as_view(), name="account_login"),  # allauth's name of it
    path("accounts/login/second-step/", second_step.SecondStepView.as_view(), name="mfa_authenticate"),
    path("accounts/login/passkey/", passkey_views.login_webauthn, name="mfa_login_webauthn"),
    path("accounts/login/government/", government.government_start, name="government_start"),
    path("accounts/login/government/callback/", government.government_callback, name="government_callback"),
    path("accounts/login/government/link/", government.government_link, name="government_link"),
    path("accounts/logout/", sign_in.LogoutView.as_view(), name="logout"),
    path("accounts/reset/", password_reset.password_reset, name="password_reset"),
    path("accounts/reset/sent/", password_reset.password_reset_done, name="password_reset_done"),
    path(
        "accounts/reset/<uidb64>/<token>/",
        password_reset.PasswordResetConfirmView.as_view(),
        name="password_reset_confirm",
    ),
    path(
        "accounts/address/<str:token>/confirm/",
        address_links.address_link,
        {"purpose": "confirm"},
        name="address_confirm",
    ),
    path("accounts/address/<str:token>/undo/", address_links.address_link, {"purpose": "undo"}, name="address_undo"),
    path("accounts/password/", sign_in.PasswordChangeView.as_view(), name="password_change"),
    path("accounts/password/done/", auth_views.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("accounts/again/", never_cache(account_views.reauthenticate), name="account_reauthenticate"),
    path("accounts/again/code/", never_cache(factor_views.reauthenticate), name="mfa_reauthenticate"),
    path(
        "accounts/again/passkey/",
        never_cache(passkey_views.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("workbench/security/", security.account_security, name="account_security"),
    path("workbench/security/", security.account_security, name="mfa_index"),  # allauth's name of it
    path("workbench/security/set-up/", security.second_factor_setup, name="second_factor_setup"),
    path("workbench/security/address/", security.address_change, name="address_change"),
    path("workbench/security/sessions/end/", security.sessions_end, name="sessions_end"),
    path("workbench/security/sessions/<public_id:public_id>/end/", security.session_end, name="session_end"),
    path("workbench/security/government/unlink/", security.government_unlink, name="government_unlink"),
    path(
        "workbench/security/authenticator/", _of_user(totp_views.ActivateTOTPView.as_view()), name="mfa_activate_totp"
    ),
    path(
        "workbench/security/authenticator/remove/",
        _of_user(totp_views.DeactivateTOTPView.as_view(**SECURITY)),
        name="mfa_deactivate_totp",
    ),
    path("workbench/security/passkeys/add/", _of_user(passkey_views.add_webauthn), name="mfa_add_webauthn"),
    path(
        "workbench/security/passkeys/<int:pk>/remove/",
        _of_user(second_step.RemovePasskeyView.as_view(**SECURITY)),
        name="mfa_remove_webauthn",
    ),
    path("workbench/security/codes/", _of_user(code_views.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "workbench/security/codes/new/",
        _of_user(code_views.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
]
