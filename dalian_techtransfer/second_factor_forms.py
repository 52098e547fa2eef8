"""Settings: the forms of the second factor."""

MFA_FORMS = {
    "authenticate": "authentication.forms.SecondFactorForm",
    "reauthenticate": "authentication.forms.RepeatedSecondFactorForm",
    "activate_totp": "authentication.forms.TotpSetUpForm",
    "add_webauthn": "authentication.forms.PasskeyForm",
    "authenticate_webauthn": "authentication.forms.SecondStepPasskeyForm",
    "login_webauthn": "authentication.forms.SignInPasskeyForm",
    "reauthenticate_webauthn": "authentication.forms.RepeatedPasskeyForm",
}
