from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation, Region
from audit.services import record


@transaction.atomic
def add_organisation(name: str, *, kind: str, stat_region: Region | None, by) -> Organisation:
    """An organisation that the register does not know yet, by its full name; two who add it at once add one.

    City staff may add any, a district's staff firms of their district. Raises PermissionDenied, ValidationError.
    """
    own_firm = kind == Organisation.Kind.FIRM and stat_region and stat_region.pk in by.scope.region_ids
    if not (by.scope.is_city or own_firm):
        raise PermissionDenied(_("您只能登记本区县的企业，其他单位请联系市级专员登记。"))
    new = Organisation(name=name, kind=kind, stat_region=stat_region)
    new.full_clean(validate_unique=False)
    if len(new.name) < 4:
        raise ValidationError({"name": _("请填写单位全称，至少 4 个字。")})
    organisation, made = Organisation.objects.get_or_create(
        name=new.name, defaults={"kind": kind, "stat_region": stat_region}
    )
    if made:
        record(_("新建"), organisation, by=by, changes={"kind": [None, kind]})
    elif organisation.kind != kind or not organisation.is_active:
        raise ValidationError(_("“%(name)s”已在名录中，但类别不同或已停用，请联系市级专员。") % {"name": new.name})
    return organisation
