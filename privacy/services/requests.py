"""Receiving a request, finding whom it concerns, verifying who made it."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.services import record
from audit.transitions import transition
from core.plain_text import clean_required_text
from core.secret_links import digest_of, new_secret
from core.task_queue import enqueue
from core.workdays import add_workdays
from notices.services import SingleMail, send_single_mails
from notices.texts.writing import write_text
from privacy.models import COPY_LIFETIME, DataRequest, DataRequestStep
from privacy.records import addresses_on_record, records_of
from privacy.services.notifications import tell_handlers

Status, Verification = DataRequest.Status, DataRequest.Verification
CLOSED = "这项请求已经办结，不能再改动。"


def submit_request(
    kind: str, *, name: str, email: str = "", phone: str = "", unit: str = "", words: str = "", by: User | None = None
) -> DataRequest:
    """Receive a request. `by`: the signed-in user, whose identity the account verifies.

    Nothing is looked up here: a task does, so that the answer is the same whether the person is on record or not.
    Raises ValidationError by field.
    """
    request = DataRequest(
        kind=kind,
        name=name,
        email=email,
        phone=phone,
        unit=unit,
        words=words,
        user=by,
        due_on=add_workdays(timezone.localdate(), settings.DATA_REQUEST_DAYS),
    )
    if by is not None:
        now = timezone.now()
        request.status, request.verified_at, request.verified_how = Status.VERIFIED, now, Verification.ACCOUNT
    request.full_clean(exclude=["link_hash"])
    with transaction.atomic():
        request.save(force_insert=True)
        record("提出个人信息请求", request, by=by, changes={"kind": [None, kind]})
        transaction.on_commit(lambda: enqueue("privacy.tasks.prepare_request", request.pk))
    return request


def prepare_waiting() -> int:
    """Enqueue the requests that a lost broker has forgotten. Returns how many."""
    waiting = DataRequest.objects.open().filter(prepared_at=None).values_list("pk", flat=True)
    return sum(enqueue("privacy.tasks.prepare_request", pk) for pk in waiting[:200])


@transaction.atomic
def prepare_request(request_id: int) -> None:
    """Find the organisations concerned, mail the link to the address on record, tell who handles it. Once."""
    request = DataRequest.objects.select_for_update().filter(pk=request_id, prepared_at=None).first()
    if request is None:
        return
    request.prepared_at = timezone.now()
    if request.verified_at is None and (addresses := addresses_on_record(request)):
        secret = new_secret()
        request.link_hash = digest_of(secret)
        _mail_link(request, secret, addresses)
    request.save(update_fields=["prepared_at", "link_hash"])
    request.organisations.set({row.organisation for row in records_of(request) if row.organisation})
    tell_handlers(request, "收到一项个人信息请求", event="received")


def request_by_link(secret: str) -> DataRequest | None:
    """The request whose mailed link this is, until COPY_LIFETIME after the answer."""
    request = DataRequest.objects.filter(link_hash=digest_of(secret)).first()
    if request and request.handled_at and request.handled_at < timezone.now() - COPY_LIFETIME:
        return None
    return request


@transaction.atomic
def confirm_by_link(request: DataRequest) -> None:
    """Who holds the link of the mail confirms the request."""
    _verify(request, Verification.MAIL, by=None, note="")
    tell_handlers(request, "个人信息请求已核实身份", event="verified")


@transaction.atomic
def disown_by_link(request: DataRequest) -> None:
    """Who holds the link of the mail did not make the request: it ends, and nothing happens."""
    transition(
        request,
        when={"status": Status.RECEIVED},
        values={"status": Status.REFUSED, "handled_at": timezone.now(), "answer": "本人表示没有提出这项请求。"},
        refusal="这项请求已经确认或办结。",
        action="本人否认个人信息请求",
        by=None,
    )


@transaction.atomic
def verify_by_officer(request: DataRequest, *, by: User, note: str) -> None:
    """City staff have checked who the person is, by a proof that they name."""
    if not by.scope.is_city:
        raise PermissionDenied("身份由市级专员核对。")
    note = clean_required_text(note, "请写明怎样核对的身份，例如“本人来访，出示身份证”。", 200, name="核实说明")
    _verify(request, Verification.OFFICER, by=by, note=note)
    tell_handlers(request, "个人信息请求已核实身份", event="verified")


def add_step(request: DataRequest, text: str, by: User | None) -> None:
    DataRequestStep.objects.create(request=request, by=by, text=text[:300])


def _verify(request: DataRequest, how: str, *, by: User | None, note: str) -> None:
    values: dict[str, Any] = {"status": Status.VERIFIED, "verified_at": timezone.now(), "verified_how": how}
    transition(
        request,
        when={"status": Status.RECEIVED},
        values=values | {"verified_by": by, "verification_note": note},
        refusal=lambda row: "身份已经核实。" if row.status == Status.VERIFIED else CLOSED,
        action="核实个人信息请求的身份",
        by=by,
        changes={"how": [None, str(Verification(how).label)]},
    )
    add_step(request, f"核实身份：{Verification(how).label}{f'（{note}）' if note else ''}", by)


def _mail_link(request: DataRequest, secret: str, addresses: set[str]) -> None:
    site = settings.SITE["short_name"]
    page = f"{settings.SITE_ADDRESS}{reverse('data_request_link', args=[secret])}"
    values = {"平台": site, "请求": str(request.get_kind_display()), "确认链接": page}
    written = write_text("privacy.request_link", values)
    send_single_mails(SingleMail(address, written.subject, written.body) for address in sorted(addresses))


def require_open(request: DataRequest) -> None:
    """Raise ValidationError unless the identity is verified and the request is not answered."""
    if request.status == Status.RECEIVED:
        raise ValidationError("请先核实身份，再办理。")
    if not request.is_open:
        raise ValidationError(CLOSED)
