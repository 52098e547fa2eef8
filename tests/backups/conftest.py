"""A backup that tests read."""

import pytest
from django.test import override_settings

from backups.services.taking import take_backup


@pytest.fixture(scope="module")
def taken(django_db_setup, django_db_blocker, tmp_path_factory):
    """A backup of the database of the tests and of two uploads with one content. No test changes it."""
    media, root = tmp_path_factory.mktemp("uploads"), tmp_path_factory.mktemp("backups")
    for name in ("a/证书.pdf", "b/copy.pdf"):
        (media / name).parent.mkdir()
        (media / name).write_bytes(b"%PDF-1.7 certificate")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=media):
        return take_backup(root, keep=3)
