"""A form of the admin knows which version of its row it showed, so that nobody overwrites a colleague unknowingly."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from audit.changes import told
from audit.models import AuditRecord

SEEN = "seen_version"


class SeenField(forms.CharField):
    widget = forms.HiddenInput

    def has_changed(self, initial, data):
        return False  # it is not of the row


class _KnowsItsVersion:
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        values = {name: self.initial.get(name) for name in self.fields}
        values["updated_at"] = getattr(self.instance, "updated_at", None)
        self.version = salted_hmac(SEEN, repr(sorted(values.items()))).hexdigest()[:20]
        self.fields[SEEN].initial = self.version

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        seen = cleaned.pop(SEEN, "")
        if seen and seen != self.version:
            self.data = self.data.copy()
            self.data[self.add_prefix(SEEN)] = self.version  # saved again, it is known what is overwritten
            raise ValidationError(_overtaken(self.instance))
        return cleaned


def knowing_its_version(form: type[forms.ModelForm]) -> type[forms.ModelForm]:
    """The form with a hidden field: when the row has changed since the page was opened, it is refused once, says what
    was changed by whom, and keeps what was typed.
    """
    return type(form.__name__, (_KnowsItsVersion, form), {SEEN: SeenField(required=False)})


def _overtaken(row) -> list[str]:
    last = AuditRecord.objects.filter(object_type=row._meta.label_lower, object_id=str(row.pk)).first()
    who = (last.actor_name if last else "") or _("其他人")
    when = timezone.localtime(last.at if last else None).strftime("%Y-%m-%d %H:%M")
    sentence = _(
        "您打开这一页之后，%(who)s 在 %(when)s 修改了它，所以还没有保存。您填写的都在下面；再次保存将以您的为准。"
    )
    return [sentence % {"who": who, "when": when}, *(told(last.changes) if last else ())]
