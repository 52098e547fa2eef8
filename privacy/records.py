"""Where the platform keeps data of a person: rows that may be those of whoever made a request."""

from collections.abc import Iterator

from django.db.models import Q

from accounts.models import ERASED_NAME, Contact, SignUp, User
from achievements.models import Achievement, Completer
from brokers.models import Broker
from core.masking import mask_email, mask_phone
from deals.models import PriceObjection
from mechanism.models import Expert
from privacy.models import DataRequest
from privacy.office_records import OFFICE_FINDERS
from privacy.person_record import MAX_ROWS, PersonRecord, in_unit, is_mailbox, reaches
from rounds.models import Attendee


def records_of(request: DataRequest) -> list[PersonRecord]:
    """The rows that may be the person's, the sure ones first. About one query for each kind."""
    finders = (
        _users,
        _contacts,
        _sign_ups,
        _brokers,
        _completers,
        _lead_persons,
        _attendees,
        _experts,
        *OFFICE_FINDERS,
    )
    records = [record for finder in finders for record in finder(request)]
    return sorted(records, key=lambda record: not record.is_sure)


def addresses_on_record(request: DataRequest) -> set[str]:
    """The stored mail addresses that equal the one given in the request: where a link may be sent."""
    if not request.email:
        return set()
    stored = [
        User.objects.filter(email__iexact=request.email, is_active=True).values_list("email", flat=True),
        Contact.objects.filter(email__iexact=request.email).values_list("email", flat=True),
        SignUp.objects.filter(email__iexact=request.email).values_list("email", flat=True),
        PriceObjection.objects.filter(contact__iexact=request.email).values_list("contact", flat=True),
    ]
    return {email for rows in stored for email in rows}


def _users(request: DataRequest) -> Iterator[PersonRecord]:
    own = reaches(request) | (Q(pk=request.user_id) if request.user_id else Q(pk__in=[]))
    for user in User.objects.filter(own).exclude(name=ERASED_NAME)[:MAX_ROWS]:
        state = "" if user.is_active else "，已停用"
        is_sure = user.pk == request.user_id or is_mailbox(request, user.email)
        yield PersonRecord("user", user, None, f"账号 {user.username}（{user.name}{state}）", is_sure)


def _contacts(request: DataRequest) -> Iterator[PersonRecord]:
    by_name = Q(name=request.name) & in_unit(request, "organisation__name")
    rows = Contact.objects.filter(reaches(request) | by_name).exclude(name=ERASED_NAME)
    for row in rows.select_related("organisation")[:MAX_ROWS]:
        consent = "已同意出示" if row.consented_at else "已撤回同意" if row.withdrawn_at else "没有同意出示"
        details = "，".join(filter(None, (row.name, mask_phone(row.phone), mask_email(row.email), consent)))
        yield PersonRecord("contact", row, row.organisation, f"联系人 {details}", is_mailbox(request, row.email))


def _sign_ups(request: DataRequest) -> Iterator[PersonRecord]:
    own = reaches(request) | (Q(user=request.user_id) if request.user_id else Q(pk__in=[]))
    for row in SignUp.objects.filter(own).exclude(name=ERASED_NAME).select_related("organisation")[:MAX_ROWS]:
        label = f"注册申请 {row.firm_name}，{row.get_status_display()}"
        is_own = bool(request.user_id) and row.user_id == request.user_id
        yield PersonRecord("sign_up", row, row.organisation, label, is_own or is_mailbox(request, row.email))


def _brokers(request: DataRequest) -> Iterator[PersonRecord]:
    own = Q(user=request.user_id) if request.user_id else Q(pk__in=[])
    by_name = Q(name=request.name) & in_unit(request, "agency__organisation__name")
    for row in Broker.objects.filter(own | by_name).select_related("agency__organisation")[:MAX_ROWS]:
        unit = row.agency.organisation if row.agency else None
        is_sure = bool(request.user_id) and row.user_id == request.user_id
        yield PersonRecord("broker", row, unit, f"技术经纪人 {row.name}（{unit or '没有机构'}）", is_sure)


def _completers(request: DataRequest) -> Iterator[PersonRecord]:
    unit = in_unit(request, "achievement__institution__name", "unit")
    rows = Completer.objects.filter(unit, name=request.name).select_related("achievement__institution")
    for row in rows[:MAX_ROWS]:
        label = f"成果“{row.achievement.title}”的完成人"
        yield PersonRecord("completer", row, row.achievement.institution, label, False)


def _lead_persons(request: DataRequest) -> Iterator[PersonRecord]:
    rows = Achievement.objects.filter(in_unit(request, "institution__name"), lead_person=request.name)
    for row in rows.select_related("institution")[:MAX_ROWS]:
        yield PersonRecord("lead", row, row.institution, f"成果“{row.title}”的负责人", False)


def _attendees(request: DataRequest) -> Iterator[PersonRecord]:
    rows = Attendee.objects.filter(in_unit(request, "party__organisation__name"), name=request.name)
    for row in rows.select_related("party__organisation", "party__docking_round")[:MAX_ROWS]:
        label = f"“{row.party.docking_round.name}”的参会人员"
        yield PersonRecord("attendee", row, row.party.organisation, label, False)


def _experts(request: DataRequest) -> Iterator[PersonRecord]:
    rows = Expert.objects.filter(in_unit(request, "unit"), name=request.name)
    for row in rows.select_related("organisation")[:MAX_ROWS]:
        yield PersonRecord("expert", row, row.organisation, f"评价专家（{row.unit}）", False)
