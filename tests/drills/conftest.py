"""A browser for the guide, a backup, and folders for installations that are removed with all they hold."""

import shutil

import pytest

from launcher import engines
from tests.backups.conftest import taken
from tests.browser.conftest import chromium

__all__ = ["chromium", "taken"]


@pytest.fixture
def data(tmp_path):
    """A data directory that does not exist yet. Root's engines keep their data outside of pytest's folder, which is
    closed to other accounts.
    """
    folder = tmp_path / "data"
    yield folder
    shutil.rmtree(engines.external_folder(folder), ignore_errors=True)
