"""Forms of the page about halls, slots, walking times and documents of a round."""

from django import forms
from django.core.files.uploadedfile import UploadedFile

from core.file_validation import MAX_FILE_BYTES, too_large_message
from rounds.models import Hall


class SlotsForm(forms.Form):
    """The slots of one day."""

    day = forms.DateField(label="日期", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    begin = forms.TimeField(label="从", widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    end = forms.TimeField(label="到", widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    length = forms.IntegerField(label="每场（分钟）", min_value=5, max_value=240, initial=25)
    pause = forms.IntegerField(label="间隔（分钟）", min_value=0, max_value=120, initial=5)
    breaks = forms.CharField(
        label="休息",
        max_length=200,
        required=False,
        help_text="写成 10:30-10:45、12:00-13:30，几段之间用顿号分开",
    )


class DocumentForm(forms.Form):
    file = forms.FileField(label="文件", help_text="PDF、.docx、.xlsx、.pptx、PNG 或 JPG，不超过 20 MB")
    is_public = forms.BooleanField(label="公开，活动页面上可以下载", required=False)

    def clean_file(self) -> UploadedFile:
        upload = self.cleaned_data["file"]
        if upload.size > MAX_FILE_BYTES:
            raise forms.ValidationError(too_large_message(upload.name))
        return upload


class WalkingTimesForm(forms.Form):
    """Minutes for each pair of halls; a field is named `walk_<hall>_<other hall>` by primary keys."""

    def __init__(self, halls: list[Hall], known: dict[tuple[int, int], int], *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.pairs = {
            f"walk_{hall.pk}_{other.pk}": (hall, other)
            for number, hall in enumerate(halls)
            for other in halls[number + 1 :]
        }
        for name, (hall, other) in self.pairs.items():
            self.fields[name] = forms.IntegerField(
                label=f"{hall} – {other}",
                min_value=0,
                max_value=120,
                required=False,
                initial=known.get(tuple(sorted((hall.pk, other.pk)))),
            )

    def minutes(self) -> dict[tuple[int, int], int | None]:
        """{(hall, other hall): minutes} by primary keys; None where nothing is filled in."""
        return {(hall.pk, other.pk): self.cleaned_data[name] for name, (hall, other) in self.pairs.items()}
