import hashlib

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import SourceFile
from accounts.services.source_files import store_source_file
from tests import factories

pytestmark = pytest.mark.django_db


def test_size_hash_and_content_are_stored():
    content = "成果名称,单位\n".encode("gb18030")
    source_file = store_source_file("achievements", content=content, name="成果.csv", by=factories.city_officer())
    source_file = SourceFile.objects.get(pk=source_file.pk)
    assert (source_file.size, source_file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    with source_file.file.open() as stored:
        assert stored.read() == content


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("../../etc/passwd", "passwd"),
        (r"C:\Users\me\成果.xlsx", "成果.xlsx"),
        ("a\x00b\u202egpj.xlsx", "abgpj.xlsx"),
        ("   ", "未命名"),
        ("很" * 300 + ".xlsx", "很" * 195 + ".xlsx"),
    ],
)
def test_uploaded_name_is_only_displayed(name, label, settings):
    source_file = store_source_file("demands", content=b"x", name=name, by=factories.city_officer())
    assert source_file.name == label
    assert source_file.public_id in source_file.file.name
    assert source_file.file.path.startswith(str(settings.MEDIA_ROOT))


def test_unknown_suffix_is_not_used_on_disk():
    source_file = store_source_file("demands", content=b"x", name="页面.html", by=factories.city_officer())
    assert source_file.file.name.endswith(source_file.public_id)


def test_upload_for_a_foreign_organisation_is_refused():
    officer = factories.institution_officer(factories.institution("大连演示大学"))
    with pytest.raises(PermissionDenied):
        store_source_file("achievements", content=b"x", name="a.xlsx", by=officer, organisation=factories.institution())
    assert not SourceFile.objects.exists()


def test_source_file_is_visible_to_uploader_organisation_and_city():
    unit = factories.institution()
    officer, colleague = factories.institution_officer(unit), factories.institution_officer(unit)
    source_file = store_source_file("achievements", content=b"x", name="a.xlsx", by=officer, organisation=unit)
    seen = [officer, colleague, factories.city_officer(), factories.auditor()]
    unseen = [factories.district_officer(), factories.institution_officer(factories.institution("大连演示大学"))]
    assert [list(SourceFile.objects.visible_to(user)) for user in seen] == [[source_file]] * len(seen)
    assert [list(SourceFile.objects.visible_to(user)) for user in unseen] == [[]] * len(unseen)
