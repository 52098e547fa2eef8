"""The city words the texts that are sent: versions that are added, never changed, and a mail to oneself as a test."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from audit.services import record
from notices.models import CityText
from notices.services.single_mails import SingleMail, send_single_mails
from notices.texts.checks import check_wording
from notices.texts.declared import SentText
from notices.texts.writing import TextWriter, Wording, wording_of

CHANGED_MEANWHILE = "这段文字刚由别人改过，请刷新后再改。"


def save_city_text(text: SentText, wording: Wording, *, by: User) -> CityText:
    """Add a version for the whole city. Raises PermissionDenied, ValidationError by field."""
    require_city(by)
    check_wording(text, subject=wording.subject, body=wording.body, line=wording.line)
    subject = " ".join(wording.subject.split()) or text.subject
    return _add(text, by, subject=subject, body=wording.body.strip(), line=" ".join(wording.line.split()))


def reset_city_text(text: SentText, *, by: User) -> CityText:
    """Use the built-in wording again; the versions stay. Raises PermissionDenied, ValidationError."""
    require_city(by)
    if not wording_of(text.key).is_citys:
        raise ValidationError("现在用的就是平台自带的文字。")
    return _add(text, by, is_reset=True)


def send_test_mail(text: SentText, wording: Wording, *, by: User) -> str:
    """Mail the text with example values to the user alone. Returns the address. Raises as `save_city_text` does."""
    require_city(by)
    if not by.email:
        raise ValidationError("您的账号没有邮箱，请先在“账号安全”里填写，再试发。")
    check_wording(text, subject=wording.subject, body=wording.body, line=wording.line)
    written = TextWriter(text.key, wording).write(text.examples)
    send_single_mails([SingleMail(by.email, f"（试发）{written.subject or text.name}", written.body)])
    record("试发文字", by, by=by, changes={"text": [None, text.name]})
    return by.email


def require_city(by: User) -> None:
    if not by.scope.is_city:
        raise PermissionDenied("只有市级专员可以更改发出的文字。")


@transaction.atomic
def _add(text: SentText, by: User, **columns: Any) -> CityText:
    latest = CityText.objects.filter(key=text.key).order_by("-number").first()
    row = CityText(key=text.key, number=latest.number + 1 if latest else 1, made_by=by, **columns)
    row.full_clean(exclude=["made_by"], validate_constraints=False)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:  # two windows: the second one has not seen the first one's version
        raise ValidationError(CHANGED_MEANWHILE) from error
    record("更改发出的文字", row, by=by, changes={"text_version": [None, str(row)]})
    return row
