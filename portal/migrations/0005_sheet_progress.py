"""A check of a sheet says how far it is, an import goes on where it stopped, and warnings are kept beside errors."""

from django.db import migrations, models

KEPT_WARNINGS = """
UPDATE portal_sheetcheckproblem SET is_warning = true FROM portal_sheetcheck
WHERE sheet_check_id = portal_sheetcheck.id AND error_count = 0;
"""
WITHOUT_WARNINGS = """
DELETE FROM portal_sheetcheckproblem USING portal_sheetcheck
WHERE sheet_check_id = portal_sheetcheck.id AND error_count > 0 AND is_warning;
UPDATE portal_sheetcheck SET status = 'failed', message = '检查停止了，请重新检查。' WHERE status = 'cancelled';
"""
"""Earlier code lists errors or warnings, and knows no stopped check."""


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0004_places_of_rounds"),
    ]

    operations = [
        migrations.AddField(
            model_name="sheetcheck",
            name="done_count",
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name="已检查的行数"),
        ),
        migrations.AddField(
            model_name="sheetcheck",
            name="marked",
            field=models.FileField(
                blank=True,
                db_default="",
                default="",
                max_length=200,
                upload_to="imports/%Y/%m/",
                verbose_name="标注的表格",
            ),
        ),
        migrations.AddField(
            model_name="sheetcheck",
            name="sheet_title",
            field=models.CharField(blank=True, db_default="", max_length=100, verbose_name="工作表"),
        ),
        migrations.AddField(
            model_name="sheetcheck",
            name="turn",
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name="第几次处理"),
        ),
        migrations.AddField(
            model_name="sheetcheck",
            name="written_counts",
            field=models.JSONField(db_default={}, default=dict, verbose_name="已导入的行数"),
        ),
        migrations.AddField(
            model_name="sheetcheck",
            name="written_to",
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name="已导入到第几行"),
        ),
        migrations.AddField(
            model_name="sheetcheckproblem",
            name="is_warning",
            field=models.BooleanField(db_default=False, default=False, verbose_name="可以不改"),
        ),
        migrations.AlterField(
            model_name="sheetcheck",
            name="status",
            field=models.CharField(
                choices=[
                    ("checking", "正在检查"),
                    ("checked", "检查完成"),
                    ("writing", "正在导入"),
                    ("cancelled", "已停止"),
                    ("failed", "没有查成"),
                ],
                default="checking",
                max_length=10,
                verbose_name="状态",
            ),
        ),
        migrations.RunSQL(KEPT_WARNINGS, WITHOUT_WARNINGS),
    ]
