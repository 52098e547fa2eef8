from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import SourceFile
from audit.models import AuditRecord
from demands.models import Demand
from tests import factories
from tests.demands.sheets import workbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "需求.xlsx"
    path.write_bytes(
        workbook(
            {},
            {"需求名称": "他区的需求", "企业名称": "大连他区有限公司", "统一社会信用代码": "", "所属区市县": "高新区"},
        )
    )
    return path


@pytest.fixture
def officer():
    return factories.district_officer("jinpu", username="jinpu")


def run(*args):
    out = StringIO()
    call_command("import_demands", *map(str, args), stdout=out)
    return out.getvalue()


def test_dry_run_is_the_default(sheet, officer):
    output = run(sheet, "--by", "jinpu", "--only-own")
    assert "另有 1 行属于其他单位，未导入" in output
    assert "共 1 行，0 处错误" in output and "试运行" in output
    assert not Demand.objects.exists() and not SourceFile.objects.exists()


def test_write_stores_rows_and_records_the_command_as_origin(sheet, officer):
    assert "新增 1 项" in run(sheet, "--by", "jinpu", "--only-own", "--write")
    assert Demand.objects.get().created_by == officer
    assert AuditRecord.objects.filter(action="导入需求").values_list("origin", flat=True).get() == "命令"
    assert "未变 1 项" in run(sheet, "--by", "jinpu", "--only-own", "--write")


def test_errors_are_printed_and_nothing_is_written(sheet, officer, capsys):
    with pytest.raises(CommandError, match="有 1 处错误") as error:
        run(sheet, "--by", "jinpu", "--write")
    assert error.value.returncode == 1
    assert not Demand.objects.exists()


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("--by", "nobody"), "没有用户名为“nobody”"),
        (("--by", "auditor"), "可以导入需求"),
    ],
)
def test_users_without_permission(sheet, args, sentence):
    factories.auditor(username="auditor")
    with pytest.raises(CommandError, match=sentence):
        run(sheet, *args)


def test_unreadable_and_missing_files(tmp_path, officer):
    (tmp_path / "a.xlsx").write_bytes(b"%PDF-1.7")
    for name in ("a.xlsx", "missing.xlsx"):
        with pytest.raises(CommandError, match=r"."):
            run(tmp_path / name, "--by", "jinpu")
