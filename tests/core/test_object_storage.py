"""Uploads in a bucket: stored, sent with the same permissions, read again by ranges and by imports, removed."""

import os

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from achievements.services.attachments import add_attachment, remove_attachment
from core.downloads import send_media
from dalian_techtransfer.storage_settings import media_storage
from tests import factories

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def environment(**values: str) -> environ.Env:
    env = environ.Env()
    env.ENVIRON = values
    return env


@pytest.fixture(scope="module")
def server():
    """The address of a server with S3's interface."""
    from moto.server import ThreadedMotoServer

    running = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def bucket(server, settings):
    """The product's uploads go there."""
    options = {"MEDIA_STORAGE": "s3://uploads/of-the-test", "MEDIA_S3_ENDPOINT": server}
    options |= {"MEDIA_S3_KEY": "key", "MEDIA_S3_SECRET": "secret"}
    settings.STORAGES = settings.STORAGES | {"default": media_storage(environment(**options))}
    made = default_storage.connection.Bucket("uploads")
    made.create()
    yield made
    made.objects.all().delete()
    made.delete()


@pytest.mark.django_db
@pytest.mark.long
def test_an_attachment_lives_in_the_bucket(bucket, settings, django_capture_on_commit_callbacks):
    achievement = factories.achievement()
    officer = factories.institution_officer(achievement.institution)
    attachment = add_attachment(achievement, content=PDF, name="说明书.pdf", by=officer)
    (key,) = [item.key for item in bucket.objects.all()]
    assert key == f"of-the-test/{attachment.file.name}" and "说明书" not in key
    assert not os.path.exists(settings.MEDIA_ROOT)

    address = reverse("attachment_download", args=[attachment.public_id])
    client, stranger = Client(), Client()
    client.force_login(officer)
    stranger.force_login(factories.institution_officer(factories.institution("大连海事大学")))
    sent = client.get(address)
    assert b"".join(sent.streaming_content) == PDF
    assert sent["Content-Disposition"].startswith("attachment")
    assert [other.get(address).status_code for other in (stranger, Client())] == [404, 404]  # not public

    with django_capture_on_commit_callbacks(execute=True):
        remove_attachment(attachment, by=officer)
    assert list(bucket.objects.all()) == []
    assert client.get(address).status_code == 404


@pytest.mark.django_db
@pytest.mark.long
def test_ranges_missing_files_and_reading_twice(bucket, rf):
    attachment = add_attachment(factories.achievement(), content=PDF, name="a.pdf", by=factories.city_officer())
    asked = rf.get("/", headers={"range": "bytes=9-13"})
    answer = send_media(asked, attachment.file, "application/pdf")
    assert (answer.status_code, b"".join(answer.streaming_content)) == (206, PDF[9:14])
    for _each in range(2):
        with attachment.file.open("rb") as file:
            assert file.read() == PDF
    attachment.file.storage.delete(attachment.file.name)
    fresh = type(attachment).objects.get(pk=attachment.pk)
    client = Client()
    client.force_login(attachment.uploaded_by)
    assert client.get(reverse("attachment_download", args=[fresh.public_id])).status_code == 404


@pytest.mark.parametrize("address", ["https://bucket", "s3:bucket", "bucket"])
def test_an_address_that_is_none_is_named(address):
    with pytest.raises(ImproperlyConfigured, match="s3://bucket"):
        media_storage(environment(MEDIA_STORAGE=address))


def test_a_folder_without_it():
    assert media_storage(environment())["BACKEND"].endswith("FileSystemStorage")
