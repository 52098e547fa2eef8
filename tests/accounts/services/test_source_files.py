import hashlib

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import SourceFile
from accounts.services.source_files import store_source_file
from tests import factories

pytestmark = pytest.mark.django_db


def test_size_hash_and_content_are_kept():
    content = "成果名称,单位\n".encode("gb18030")
    kept = store_source_file("achievements", content=content, name="成果.csv", by=factories.city_officer())
    kept = SourceFile.objects.get(pk=kept.pk)
    assert (kept.size, kept.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    with kept.file.open() as stored:
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
def test_the_uploaders_name_is_a_label_only(name, label, settings):
    kept = store_source_file("demands", content=b"x", name=name, by=factories.city_officer())
    assert kept.name == label
    assert kept.public_id in kept.file.name
    assert kept.file.path.startswith(str(settings.MEDIA_ROOT))


def test_a_strange_suffix_does_not_reach_the_disk():
    kept = store_source_file("demands", content=b"x", name="页面.html", by=factories.city_officer())
    assert kept.file.name.endswith(kept.public_id)


def test_not_for_a_strangers_organisation():
    officer = factories.institution_officer(factories.institution("大连演示大学"))
    with pytest.raises(PermissionDenied):
        store_source_file("achievements", content=b"x", name="a.xlsx", by=officer, organisation=factories.institution())
    assert not SourceFile.objects.exists()


def test_seen_by_the_uploader_the_own_unit_and_the_city():
    unit = factories.institution()
    officer, colleague = factories.institution_officer(unit), factories.institution_officer(unit)
    kept = store_source_file("achievements", content=b"x", name="a.xlsx", by=officer, organisation=unit)
    seen = [officer, colleague, factories.city_officer(), factories.auditor()]
    unseen = [factories.district_officer(), factories.institution_officer(factories.institution("大连演示大学"))]
    assert [list(SourceFile.objects.visible_to(user)) for user in seen] == [[kept]] * len(seen)
    assert [list(SourceFile.objects.visible_to(user)) for user in unseen] == [[]] * len(unseen)
