from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="invitation",
            name="role",
            field=models.CharField(
                choices=[
                    ("institution_officer", "院校专员"),
                    ("firm_officer", "企业专员"),
                    ("district_officer", "区县专员"),
                    ("city_officer", "市级专员"),
                    ("bureau_officer", "部门专员"),
                    ("broker", "技术经纪人"),
                    ("auditor", "审计员"),
                    ("sysadmin", "系统管理员"),
                ],
                max_length=20,
                verbose_name="角色",
            ),
        ),
    ]
