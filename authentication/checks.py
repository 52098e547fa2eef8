from django.conf import settings
from django.core.checks import Tags, Warning, register

from core.roles import STAFF_ROLES


@register(Tags.security, deploy=True)
def check_second_factor(app_configs, **kwargs) -> list[Warning]:
    """`manage.py check --deploy` warns if staff may sign in with a password alone."""
    missing = sorted(STAFF_ROLES - set(settings.MFA_REQUIRED_ROLES))
    if not missing:
        return []
    return [
        Warning(
            f"MFA_REQUIRED_ROLES leaves out {', '.join(missing)}: they can sign in with a password alone.",
            hint="Remove MFA_REQUIRED_ROLES from the environment; the default requires a second factor of all staff.",
            id="authentication.W001",
        )
    ]
