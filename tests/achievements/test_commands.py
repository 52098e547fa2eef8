import pytest
from django.core.management import CommandError, call_command

from accounts.models import SourceFile
from achievements.models import Achievement
from audit.models import AuditRecord
from tests import factories
from tests.achievements.sheets import workbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return factories.institution_officer(username="office")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "成果.xlsx"
    path.write_bytes(workbook({"成熟度等级": 5}))
    return path


@pytest.mark.parametrize("command", ["import_achievements", "import_demands", "import_agencies", "import_brokers"])
def test_the_system_checks_of_django_run_before_an_import(command, file):
    """`manage.py` runs them; `call_command` leaves them out unless it is told not to."""
    with pytest.raises(CommandError, match="没有用户名为"):
        call_command(command, file, by="nobody", skip_checks=False)


def test_a_dry_run_writes_nothing(file, office, capsys):
    call_command("import_achievements", file, by="office")
    output = capsys.readouterr().out
    assert "试运行" in output
    assert "第3行“成熟度标准”" in output
    assert "共 1 行，0 处错误，1 处提醒" in output
    assert not Achievement.objects.exists()
    assert not SourceFile.objects.exists()


def test_write_stores_the_rows(file, office, capsys):
    call_command("import_achievements", file, by="office", write=True)
    assert "新增 1 项" in capsys.readouterr().out
    assert Achievement.objects.get().source_file.name == "成果.xlsx"
    assert AuditRecord.objects.filter(action="导入", origin="命令").count() == 1
    call_command("import_achievements", file, by="office", write=True)
    assert "新增 0 项，更新 0 项，未变 1 项" in capsys.readouterr().out


def test_errors_are_printed_and_the_exit_code_is_1(tmp_path, office, capsys):
    path = tmp_path / "成果.xlsx"
    path.write_bytes(workbook({"意向价格（万元）": "面意"}))
    with pytest.raises(CommandError, match="没有写入任何一行") as refusal:
        call_command("import_achievements", path, by="office", write=True)
    assert refusal.value.returncode == 1
    assert "第3行“意向价格（万元）”填的是“面意”" in capsys.readouterr().out
    assert not SourceFile.objects.exists()


def test_only_own_skips_other_institutions(tmp_path, office, capsys):
    factories.institution("大连大学")
    path = tmp_path / "成果.xlsx"
    path.write_bytes(workbook({}, {"第一完成单位": "大连大学"}))
    call_command("import_achievements", path, by="office", only_own=True, write=True)
    assert "另有 1 行属于其他单位，未导入" in capsys.readouterr().out
    assert Achievement.objects.count() == 1


def test_a_sheet_with_a_secrecy_marking_is_not_stored(tmp_path, office):
    path = tmp_path / "成果.xlsx"
    path.write_bytes(workbook({"密级": "机密"}))
    with pytest.raises(CommandError, match="涉密"):
        call_command("import_achievements", path, by="office", write=True)
    assert not SourceFile.objects.exists()


def test_unknown_user_and_missing_file(file, tmp_path, office):
    with pytest.raises(CommandError, match="没有用户名为“nobody”"):
        call_command("import_achievements", file, by="nobody")
    with pytest.raises(CommandError, match="不能读取文件"):
        call_command("import_achievements", tmp_path / "absent.xlsx", by="office")
