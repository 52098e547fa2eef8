import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import path, reverse

from achievements import forms
from achievements.services.attachments import add_attachment, remove_attachment
from achievements.services.lifecycle import withdraw_achievement
from core import file_validation
from tests import factories
from tests.achievements import uploads

pytestmark = pytest.mark.django_db


@pytest.fixture
def achievement():
    return factories.achievement()


@pytest.fixture
def office(achievement):
    return factories.institution_officer(achievement.institution)


def add(achievement, by, **kwargs):
    return add_attachment(achievement, content=uploads.PDF, name="检测报告.pdf", by=by, **kwargs)


def url(attachment):
    return reverse("attachment_download", args=[attachment.public_id])


def test_a_public_file_is_sent_as_a_download(client, achievement, office):
    response = client.get(url(add(achievement, office, is_public=True)))
    assert b"".join(response.streaming_content) == uploads.PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert response["X-Content-Type-Options"] == "nosniff"


def test_who_may_download_a_private_file(client, achievement, office):
    address = url(add(achievement, office))
    assert client.get(address).status_code == 404
    for user, status in [
        (office, 200),
        (factories.city_officer(), 200),
        (factories.auditor(), 200),
        (factories.institution_officer(factories.institution("大连大学")), 404),
        (factories.firm_officer(), 404),
        (factories.district_officer(), 404),
    ]:
        client.force_login(user)
        response = client.get(address)
        assert response.status_code == status
        if status == 200:
            assert b"".join(response.streaming_content) == uploads.PDF


def test_public_files_of_a_withdrawn_achievement_are_not_found(client, achievement, office):
    attachment = add(achievement, office, is_public=True)
    withdraw_achievement(achievement, by=office, reason="专利失效")
    assert client.get(url(attachment)).status_code == 404


def test_removed_missing_and_unknown_files_are_not_found(client, achievement, office):
    attachment = add(achievement, office, is_public=True)
    attachment.file.storage.delete(attachment.file.name)
    assert client.get(url(attachment)).status_code == 404
    remove_attachment(attachment, by=office)
    assert client.get(url(attachment)).status_code == 404
    assert client.get(reverse("attachment_download", args=["abcdefghjk"])).status_code == 404
    assert client.post(url(attachment)).status_code == 405


# --- The add and remove views redirect to the edit page of `portal`; a stub replaces that page -----------------------
@pytest.fixture
def form_page(settings):
    from dalian_techtransfer import urls

    if not any(getattr(pattern, "name", "") == "achievement_edit" for pattern in _patterns(urls.urlpatterns)):
        settings.ROOT_URLCONF = type(
            "Urls",
            (),
            {"urlpatterns": [*urls.urlpatterns, path("edit/<slug:public_id>/", lambda r: 1, name="achievement_edit")]},
        )


def _patterns(patterns):
    for pattern in patterns:
        yield from _patterns(pattern.url_patterns) if hasattr(pattern, "url_patterns") else [pattern]


def send(client, achievement, content=uploads.PDF, name="检测报告.pdf", **data):
    return client.post(
        reverse("attachment_add", args=[achievement.public_id]), {"file": SimpleUploadedFile(name, content)} | data
    )


@pytest.mark.usefixtures("form_page")
def test_an_institution_officer_adds_and_removes_a_file(client, achievement, office):
    client.force_login(office)
    response = send(client, achievement, is_public="on")
    assert response.status_code == 302
    attachment = achievement.attachments.get()
    assert attachment.is_public
    client.post(reverse("attachment_remove", args=[attachment.public_id]))
    client.post(reverse("attachment_remove", args=[attachment.public_id]))
    assert not achievement.attachments.filter(removed_at=None).exists()
    assert client.get(reverse("attachment_remove", args=[attachment.public_id])).status_code == 405


@pytest.mark.usefixtures("form_page")
def test_upload_errors_are_messages(client, achievement, office, monkeypatch):
    client.force_login(office)
    response = send(client, achievement, content=uploads.HTML)
    messages = [str(message) for message in response.wsgi_request._messages]
    assert "不是可以接收的类型" in messages[0]
    monkeypatch.setattr(forms, "MAX_FILE_BYTES", 10)
    messages = [str(message) for message in send(client, achievement).wsgi_request._messages]
    assert any("超过 20 MB" in message for message in messages)
    assert file_validation.MAX_FILE_BYTES == 20 * 1024 * 1024
    assert not achievement.attachments.exists()


def test_attachments_of_other_institutions_are_not_found(client, achievement, office):
    attachment = add(achievement, office)
    assert send(client, achievement).status_code == 302  # to the login
    client.force_login(factories.institution_officer(factories.institution("大连大学")))
    assert send(client, achievement).status_code == 404
    assert client.post(reverse("attachment_remove", args=[attachment.public_id])).status_code == 404
    attachment.refresh_from_db()
    assert attachment.removed_at is None
