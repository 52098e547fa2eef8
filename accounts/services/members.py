from django.contrib.auth.models import Group
from django.db import transaction

from accounts.models import Membership, Organisation, User
from accounts.roles import GROUP_NAMES, STAFF_ROLES
from accounts.services.records import record


@transaction.atomic
def add_member(user: User, organisation: Organisation, role: str, *, by) -> Membership:
    """Let a user speak for an organisation in a role: membership, permissions of the role, admin where it needs it."""
    membership, created = Membership.objects.get_or_create(user=user, organisation=organisation, role=role)
    if created:
        group, _made = Group.objects.get_or_create(name=GROUP_NAMES[role])
        user.groups.add(group)
        if role in STAFF_ROLES and not user.is_staff:
            user.is_staff = True
            user.save(update_fields=["is_staff"])
        user.__dict__.pop("scope", None)
        record("加入单位", membership, by=by, changes={"role": [None, role], "organisation": [None, organisation.name]})
    return membership
