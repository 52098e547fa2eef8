"""Uploads in a bucket: stored, sent with the same permissions, read again by ranges and by imports, removed."""

import os
from datetime import timedelta

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.test import Client
from django.urls import reverse

from achievements.services.attachments import add_attachment, remove_attachment
from backups.programs import BackupError
from backups.services import taking
from backups.services.restoring import restore_uploads
from backups.services.taking import take_backup
from backups.uploads import Bucket, uploads_of_settings
from core.downloads import send_media
from dalian_techtransfer.storage_settings import file_storages
from matching import shared_indexes
from matching.engine import Item
from matching.shared_indexes import build_index, forget_unused_indexes, open_index
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
    settings.STORAGES = settings.STORAGES | file_storages(environment(**options))
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


@pytest.mark.django_db
@pytest.mark.long
def test_a_backup_holds_the_objects_and_a_restore_puts_them_back(bucket, tmp_path, monkeypatch):
    monkeypatch.setattr(taking, "_dump", lambda program, target: target.write_bytes(b"dump") and {})
    monkeypatch.setattr(taking, "_check_dump", lambda program, dump: None)
    read = []
    fetch = Bucket.fetch
    monkeypatch.setattr(Bucket, "fetch", lambda self, name, target: read.append(name) or fetch(self, name, target))
    for name, content in (("a.pdf", PDF), ("证书/b.pdf", PDF), ("c.pdf", b"first")):
        default_storage.save(name, ContentFile(content))
    bucket.put_object(Key="of-another-product/secret.pdf", Body=b"secret")
    first = take_backup(tmp_path, keep=3)
    first.check()
    assert set(first.manifest.uploads) == {"a.pdf", "证书/b.pdf", "c.pdf"} == set(read)
    assert len(list((tmp_path / "files").glob("*/*"))) == 2  # two contents

    read.clear()
    bucket.put_object(Key="of-the-test/c.pdf", Body=b"second")
    monkeypatch.setattr(taking, "TIME_FORMAT", "second")
    second = take_backup(tmp_path, keep=3)
    assert read == ["c.pdf"]  # what has not changed is not read again
    assert second.content(second.manifest.uploads["c.pdf"]).read_bytes() == b"second"
    assert first.content(first.manifest.uploads["c.pdf"]).read_bytes() == b"first"

    bucket.delete_objects(Delete={"Objects": [{"Key": f"of-the-test/{name}"} for name in ("a.pdf", "证书/b.pdf")]})
    assert restore_uploads(second, uploads_of_settings()) == 2
    contents = {item.key: item.get()["Body"].read() for item in bucket.objects.filter(Prefix="of-the-test/")}
    assert contents == {f"of-the-test/{name}": PDF for name in ("a.pdf", "证书/b.pdf")} | {
        "of-the-test/c.pdf": b"second"
    }
    bucket.objects.all().delete()
    bucket.delete()
    with pytest.raises(BackupError, match="不能列出存储桶 uploads"):
        list(uploads_of_settings())
    bucket.create()


@pytest.mark.parametrize("variable", ["MEDIA_STORAGE", "INDEX_STORAGE"])
@pytest.mark.parametrize("address", ["https://bucket", "s3:bucket", "bucket"])
def test_an_address_that_is_none_is_named(variable, address):
    with pytest.raises(ImproperlyConfigured, match=f"{variable}.*s3://bucket"):
        file_storages(environment(**{variable: address}))


def test_a_folder_without_it():
    [(name, storage)] = file_storages(environment()).items()
    assert name == "default" and storage["BACKEND"].endswith("FileSystemStorage")


@pytest.mark.long
def test_hosts_exchange_an_index_by_a_bucket_and_old_ones_are_removed(server, settings, tmp_path, monkeypatch):
    options = {"INDEX_STORAGE": "s3://indexes/of-the-test", "MEDIA_S3_ENDPOINT": server}
    options |= {"MEDIA_S3_KEY": "key", "MEDIA_S3_SECRET": "secret"}
    settings.STORAGES = settings.STORAGES | file_storages(environment(**options))
    storages["indexes"].connection.Bucket("indexes").create()
    settings.INDEX_FOLDER = tmp_path / "this host"
    index = build_index(lambda: [Item(1, "锂电池隔膜")], lambda: [Item(2, "电池隔膜")], "p3")
    settings.INDEX_FOLDER = tmp_path / "other host"
    fetched = open_index(index.corpus.fingerprint, "p3")
    assert fetched is not None and fetched is not index
    assert forget_unused_indexes() == 0
    monkeypatch.setattr(shared_indexes, "PUBLISHED_FOR", timedelta(days=-1))
    assert forget_unused_indexes() == 1
    settings.INDEX_FOLDER = tmp_path / "third host"
    assert open_index(index.corpus.fingerprint, "p3") is None
