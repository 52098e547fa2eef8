"""The public page: texts wait for the city, choices change at once, cases wait for both parties of the contract."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Region, Role, User
from audit.revisions import (
    REPLACED,
    audit_changes,
    changed_values,
    decide,
    field_label,
    json_values,
    set_json_values,
    store,
)
from audit.services import record
from audit.transitions import constraint_message, transition
from brokerage.models import Profile, ProfileCase, ProfileRevision
from brokerage.permissions import require_keeper
from brokers.models import Agency, Broker
from core.plain_text import clean_reason, clean_required_text
from deals.models import Contract
from mandates.services.notifications import people_of_agent, people_of_client
from notices.models import NoticeKind
from notices.services import notify, settle_notices
from notices.services.notifications import NoticeDraft
from notices.texts.writing import write_sentence
from taxonomy.models import Industry

REVIEWED_FIELDS = ("introduction", "languages")
Status = ProfileRevision.Status


def profile_of(owner: Broker | Agency, *, by: User) -> Profile:
    """The page, created empty when its owner first opens it."""
    require_keeper(owner, by)
    if isinstance(owner, Broker):
        return Profile.objects.get_or_create(broker=owner)[0]
    return Profile.objects.get_or_create(agency=owner)[0]


@transaction.atomic
def save_profile(
    profile: Profile,
    *,
    by: User,
    texts: Mapping[str, str],
    services: Collection[str],
    takes_requests: bool,
    industries: Iterable[Industry],
    regions: Iterable[Region],
) -> ProfileRevision | None:
    """Store the choices; keep changed texts for the city's decision, in place of those that wait.

    Returns the revision, or None if no text has changed. Raises PermissionDenied, ValidationError by field.
    """
    require_keeper(profile.owner, by)
    row = Profile.objects.select_for_update(of=("self",)).get(pk=profile.pk)
    _save_choices(row, services, takes_requests, industries, regions, by)
    published = json_values(row, REVIEWED_FIELDS)
    for name in REVIEWED_FIELDS:
        setattr(row, name, texts[name])
    row.full_clean()
    before, after = changed_values(published, json_values(row, REVIEWED_FIELDS))
    pending = row.revisions.pending().first()
    if pending and pending.before == before and pending.after == after:
        return pending
    if pending:
        decide(pending, Status.WITHDRAWN, by=by, action="撤回修改", reason="被新的修改代替" if after else "改回原文")
    if not after:
        return None
    revision = ProfileRevision(profile=row, before=before, after=after, proposed_by=by)
    store(revision)
    record("提交修改待审", profile, by=by, changes={"fields": [None, [field_label(Profile, name) for name in after]]})
    city = Membership.objects.filter(role=Role.CITY, user__is_active=True).values_list("user", flat=True)
    path = reverse("admin:brokerage_profilerevision_change", args=[revision.pk])
    _tell(profile, city, f"{profile}有修改等审核。", f"proposed {revision.pk}", path)
    return revision


@transaction.atomic
def accept_profile_revision(revision: ProfileRevision, *, by: User) -> None:
    """待审核 → 已批准: the texts become public. By city staff. Raises PermissionDenied, ValidationError."""
    _require_city(by)
    profile = Profile.objects.select_for_update(of=("self",)).get(pk=revision.profile_id)
    revision.refresh_from_db()
    if revision.status != Status.PENDING:
        raise ValidationError(REPLACED)
    set_json_values(profile, revision.after)
    profile.full_clean()
    profile.save()
    decide(revision, Status.ACCEPTED, by=by, action="批准修改")
    record("批准修改", profile, by=by, changes=audit_changes(revision))
    _tell_keepers(profile, write_sentence("brokerage.page_published", {}), f"decided {revision.pk}")


@transaction.atomic
def return_profile_revision(revision: ProfileRevision, *, by: User, reason: str) -> None:
    _require_city(by)
    reason = clean_reason(reason, "请删去对收费的宣传")
    decide(revision, Status.RETURNED, by=by, action="退回修改", reason=reason)
    text = write_sentence("brokerage.page_returned", {"原因": reason})
    _tell_keepers(revision.profile, text, f"decided {revision.pk}")


def erase_profile(broker: Broker, *, by: User) -> None:
    """Delete what a broker wrote of himself, also in revisions; cases are withdrawn."""
    for profile in Profile.objects.filter(broker=broker):
        Profile.objects.filter(pk=profile.pk).update(introduction="", languages="", takes_requests=False)
        profile.revisions.update(before={}, after={})
        profile.cases.update(text="（已删除）", removed_at=timezone.now())
        record("删除个人信息", profile, by=by)


def conflicting_fields(profile: Profile, revision: ProfileRevision) -> list[str]:
    """Fields that were changed meanwhile to something else than proposed. Only revisions change them: none."""
    return []


# --- Cases -----------------------------------------------------------------------------------------------------------
def contracts_for_cases(profile: Profile) -> QuerySet[Contract]:
    """Registered contracts whose parties confirmed the part of the broker, or of the agency."""
    rows = Contract.objects.registered()
    if profile.broker_id:
        return rows.broker_confirmed().filter(broker=profile.broker_id)
    of_brokers = rows.broker_confirmed().filter(broker__agency=profile.agency_id)
    of_agency = rows.confirmed().confirmed_by("agency").filter(agency=profile.agency_id, broker=None)
    return rows.filter(pk__in=of_brokers.values("pk")) | rows.filter(pk__in=of_agency.values("pk"))


@transaction.atomic
def tell_case(profile: Profile, contract: Contract, *, text: str, by: User) -> ProfileCase:
    """Write a case; seller and buyer are asked for their consent to exactly this text."""
    require_keeper(profile.owner, by)
    if not contracts_for_cases(profile).filter(pk=contract.pk).exists():
        raise ValidationError("只有双方都确认您参与促成的登记合同可以写成案例。")
    seller, buyer = contract.seller, contract.buyer
    if seller is None or buyer is None:
        raise ValidationError("合同的一方不在平台上，不能征得同意，暂不能写成案例。")
    text = clean_required_text(text, "请写一句话的案例。", 300, name="案例")
    case = ProfileCase(profile=profile, contract=contract, text=text, made_by=by)
    case.full_clean()
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, ProfileCase)) from None
    record("提出案例", case, by=by)
    people = [*people_of_client(seller), *people_of_client(buyer)]
    words = write_sentence("brokerage.case_asked", {"经纪人": str(profile.owner), "合同": contract.name})
    _tell(profile, people, words, f"case {case.public_id}", reverse("case_consents"))
    return case


@transaction.atomic
def answer_case(case: ProfileCase, *, agree: bool, by: User) -> None:
    """A party of the contract consents, or takes its consent back: the case disappears with the next request."""
    sides = [side for side in ("seller", "buyer") if getattr(case.contract, f"{side}_id") in _own(by)]
    if not sides:
        raise PermissionDenied("案例由合同的买卖双方自己决定是否公开。")
    values: dict[str, Any] = {}
    for side in sides:
        values |= {f"{side}_agreed_at": timezone.now() if agree else None, f"{side}_agreed_by": by if agree else None}
    transition(
        case,
        when={"removed_at": None},
        values=values,
        refusal="这个案例已经撤下了。",
        action="同意公开案例" if agree else "不同意公开案例",
        by=by,
    )
    settle_notices(_about(case.profile), [NoticeKind.BROKER], [by.pk])


def remove_case(case: ProfileCase, *, by: User) -> None:
    require_keeper(case.profile.owner, by)
    transition(
        case,
        when={"removed_at": None},
        values={"removed_at": timezone.now()},
        refusal="这个案例已经撤下了。",
        action="撤下案例",
        by=by,
    )


def _save_choices(
    row: Profile,
    services: Collection[str],
    takes_requests: bool,
    industries: Iterable[Industry],
    regions: Iterable[Region],
    by: User,
) -> None:
    owner = row.owner
    changes: dict[str, Any] = {}
    for name, rows in (("industries", list(industries)), ("regions", list(regions))):
        old = list(getattr(owner, name).all())
        if set(old) != set(rows):
            changes[name] = [[str(value) for value in old], [str(value) for value in rows]]
            getattr(owner, name).set(rows)
    if changes:
        record("修改", owner, by=by, changes=changes)
    fixed = {"services": sorted(services, key=list(Agency.Service.values).index), "takes_requests": takes_requests}
    before = {name: getattr(row, name) for name in fixed}
    if before != fixed:
        Profile.objects.filter(pk=row.pk).update(**fixed, updated_at=timezone.now())
        record("修改", row, by=by, changes={name: [before[name], fixed[name]] for name in fixed})
    row.refresh_from_db(fields=["services", "takes_requests", "updated_at"])


def _own(by: User) -> frozenset[int]:
    return by.scope.firm_ids | by.scope.institution_ids


def _require_city(by: User) -> None:
    if not by.scope.is_city:
        raise PermissionDenied("主页介绍由市级专员审核。")


def _about(profile: Profile) -> str:
    return f"profile {profile.public_id}"


def _tell_keepers(profile: Profile, text: str, event: str) -> None:
    _tell(profile, people_of_agent(profile.owner), text, event, reverse("profile_edit", args=[profile.public_id]))


def _tell(profile: Profile, people: Iterable[int], text: str, event: str, path: str) -> None:
    about = _about(profile)
    notify(
        NoticeDraft(person, NoticeKind.BROKER, text, path, about, f"{about} {event}")
        for person in dict.fromkeys(people)
    )
