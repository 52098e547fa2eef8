"""Register organisations, and note when they are called differently."""

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.module_loading import import_string

from accounts.models import Organisation, Region, User
from audit.services import record


@transaction.atomic
def add_organisation(name: str, *, kind: str, stat_region: Region | None, by: User) -> Organisation:
    """Get or create the organisation with this full name. Concurrent calls create one.

    City staff may add any organisation, district officers firms of their region. Raises PermissionDenied, and
    ValidationError if the name is too short or belongs to an inactive organisation or one of another kind.
    """
    own_firm = kind == Organisation.Kind.FIRM and stat_region and stat_region.pk in by.scope.region_ids
    if not (by.scope.is_city or own_firm):
        raise PermissionDenied("您只能登记本区县的企业，其他单位请联系市级专员登记。")
    new = Organisation(name=name, kind=kind, stat_region=stat_region)
    new.full_clean(validate_unique=False)
    if len(new.name) < 4:
        raise ValidationError({"name": "请填写单位全称，至少 4 个字。"})
    organisation, created = Organisation.objects.get_or_create(
        name=new.name, defaults={"kind": kind, "stat_region": stat_region}
    )
    if created:
        record("新建", organisation, by=by, changes={"kind": [None, kind]})
    elif organisation.kind != kind or not organisation.is_active:
        raise ValidationError("“%(name)s”已在名录中，但类别不同或已停用，请联系市级专员。" % {"name": new.name})
    return organisation


NAME_FIELDS = ("name", "short_name", "website")


@transaction.atomic
def note_new_names(organisation: Organisation, before: dict[str, str], *, by: User | None) -> None:
    """Call after an organisation was saved; `before` holds its NAME_FIELDS as they were.

    Keeps the former names, by which an anonymous firm must not be known either, and runs the checks of
    `settings.ORGANISATION_NAME_CHECKS`: functions of other apps that look at what the organisation has published.
    """
    if all(before.get(field, "") == getattr(organisation, field) for field in NAME_FIELDS):
        return
    gone = [
        before[field]
        for field in ("name", "short_name")
        if before.get(field) and before[field] != getattr(organisation, field)
    ]
    kept = list(dict.fromkeys([*organisation.former_names, *gone]))
    if kept != organisation.former_names:
        organisation.former_names = kept
        Organisation.objects.filter(pk=organisation.pk).update(former_names=kept)
        record("改名", organisation, by=by, changes={"former_names": [None, kept]})
    for path in settings.ORGANISATION_NAME_CHECKS:
        import_string(path)(organisation, by=by)
