import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from achievements.models import Attachment
from achievements.services import attachments
from achievements.services.attachments import add_attachment, remove_attachment
from audit.models import AuditRecord
from tests import factories
from tests.achievements import uploads

pytestmark = pytest.mark.django_db


@pytest.fixture
def achievement():
    return factories.achievement()


@pytest.fixture
def office(achievement):
    return factories.institution_officer(achievement.institution)


def add(achievement, by, name="检测报告.pdf", content=uploads.PDF, **kwargs):
    return add_attachment(achievement, content=content, name=name, by=by, **kwargs)


def test_a_file_is_stored_under_a_random_name(achievement, office):
    attachment = add(achievement, office, name="..\\..\\etc/检测\u202e报告.pdf")
    assert attachment.name == "检测报告.pdf"
    assert "检测" not in attachment.file.name
    assert attachment.file.name.startswith("attachments/")
    assert (attachment.content_type, attachment.size) == ("application/pdf", len(uploads.PDF))
    with attachment.file.open() as stored:
        assert stored.read() == uploads.PDF
    assert AuditRecord.objects.get(action="上传附件").changes["attachment"] == [None, "检测报告.pdf"]


def test_a_long_name_keeps_its_extension(achievement, office):
    assert add(achievement, office, name="长" * 300 + ".pdf").name == "长" * 196 + ".pdf"


def test_other_users_cannot_add_attachments(achievement):
    for stranger in (factories.institution_officer(factories.institution("大连大学")), factories.auditor()):
        with pytest.raises(PermissionDenied):
            add(achievement, stranger)
    assert not Attachment.objects.exists()


def test_a_refused_file_is_not_stored(achievement, office, settings):
    for name, content in (("机密★.pdf", uploads.PDF), ("网页.pdf", uploads.HTML)):
        with pytest.raises(ValidationError):
            add(achievement, office, name=name, content=content)
    assert not Attachment.objects.exists()
    assert not any(settings.MEDIA_ROOT.rglob("*.*"))


def test_duplicates_and_too_many_files_are_refused(achievement, office, monkeypatch):
    add(achievement, office)
    with pytest.raises(ValidationError, match="已经上传过"):
        add(achievement, office, name="换个名字.pdf")
    monkeypatch.setattr(attachments, "MAX_ATTACHMENTS", 1)
    with pytest.raises(ValidationError, match="最多 1 个"):
        add(achievement, office, name="图.png", content=uploads.PNG)


def test_a_removed_file_is_deleted_with_the_commit(achievement, office, django_capture_on_commit_callbacks):
    attachment = add(achievement, office)
    with pytest.raises(PermissionDenied):
        remove_attachment(attachment, by=factories.firm_officer())
    assert attachment.file.storage.exists(attachment.file.name)
    with django_capture_on_commit_callbacks(execute=True):
        remove_attachment(attachment, by=office)
    assert attachment.removed_at is not None
    assert not attachment.file.storage.exists(attachment.file.name)
    with pytest.raises(ValidationError, match="已经移除"):
        remove_attachment(attachment, by=office)
    add(achievement, office)
