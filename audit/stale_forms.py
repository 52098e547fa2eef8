"""Detection of concurrent edits in admin forms: a hidden field holds the version of the row that the form showed."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone
from django.utils.crypto import salted_hmac

from audit.models import AuditRecord
from audit.wording import describe_record

VERSION_FIELD = "seen_version"


class VersionField(forms.CharField):
    widget = forms.HiddenInput

    def has_changed(self, initial: object, data: object) -> bool:
        return False  # it is no field of the row


class _VersionCheck:
    reader: Any
    """Who fills in the form."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        values = {name: self.initial.get(name) for name in self.fields}
        values["updated_at"] = getattr(self.instance, "updated_at", None)
        self.version = salted_hmac(VERSION_FIELD, repr(sorted(values.items()))).hexdigest()[:20]
        self.fields[VERSION_FIELD].initial = self.version

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        shown_version = cleaned.pop(VERSION_FIELD, "")
        if shown_version and shown_version != self.version:
            data = self.data.copy()  # type: ignore[has-type]  # the attribute is the form's, this class is mixed in
            data[self.add_prefix(VERSION_FIELD)] = self.version  # the next save overwrites knowingly
            self.data = data
            raise ValidationError(_conflict_messages(self.instance, self.reader))
        return cleaned


def with_version_check(form: type[forms.ModelForm], reader: Any) -> type[forms.ModelForm]:
    """The form for `reader` with a hidden version field.

    If the row has changed since the page was opened, the form is invalid once: it keeps the typed values, and its error
    says who changed which fields.
    """
    return type(form.__name__, (_VersionCheck, form), {VERSION_FIELD: VersionField(required=False), "reader": reader})


def _conflict_messages(row: Model, reader: Any) -> list[str]:
    last = AuditRecord.objects.filter(object_type=row._meta.label_lower, object_id=str(row.pk)).first()
    who = (last.actor_name if last else "") or "其他人"
    when = timezone.localtime(last.at if last else None).strftime("%Y-%m-%d %H:%M")
    sentence = (
        "您打开这一页之后，%(who)s 在 %(when)s 修改了它，所以还没有保存。您填写的都在下面；再次保存将以您的为准。"
    )
    return [sentence % {"who": who, "when": when}, *(describe_record(last, reader) if last else ())]
