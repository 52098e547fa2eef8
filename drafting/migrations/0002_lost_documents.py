from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("drafting", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="draftdocument",
            name="status",
            field=models.CharField(
                choices=[
                    ("reading", "正在读取"),
                    ("read", "已读"),
                    ("scan", "扫描件，没有文字"),
                    ("lost", "读取中断，请重新读"),
                    ("failed", "没有读成"),
                ],
                default="reading",
                editable=False,
                max_length=10,
                verbose_name="状态",
            ),
        ),
    ]
