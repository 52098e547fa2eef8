from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from brokers.models import Agency, Broker
from tests import factories
from tests.brokers.sheets import AGENCY, BROKER, workbook

pytestmark = pytest.mark.django_db


def run(kind, path, *args):
    out = StringIO()
    call_command(f"import_{kind}", str(path), *args, stdout=out)
    return out.getvalue()


def test_both_commands_are_dry_runs_by_default(tmp_path):
    factories.city_officer(username="city")
    for kind, model, row in (("agencies", Agency, AGENCY), ("brokers", Broker, BROKER)):
        path = tmp_path / f"{kind}.xlsx"
        path.write_bytes(workbook(row, {}))
        assert "试运行" in run(kind, path, "--by", "city")
        assert not model.objects.exists()
        assert "新增 1 项" in run(kind, path, "--by", "city", "--write")
        assert model.objects.count() == 1


def test_errors_prevent_the_import(tmp_path):
    factories.city_officer(username="city")
    factories.district_officer(username="district")
    path = tmp_path / "机构.xlsx"
    path.write_bytes(workbook(AGENCY, {"机构类别": "银行"}))
    with pytest.raises(CommandError, match="有 1 处错误"):
        run("agencies", path, "--by", "city", "--write")
    with pytest.raises(CommandError, match="由市级专员维护"):
        run("agencies", path, "--by", "district")
    assert not Agency.objects.exists()
