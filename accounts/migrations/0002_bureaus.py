from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="membership",
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
        migrations.AlterField(
            model_name="organisation",
            name="kind",
            field=models.CharField(
                choices=[
                    ("institution", "高校院所"),
                    ("firm", "企业"),
                    ("agency", "服务机构"),
                    ("district", "区市县科技部门"),
                    ("city", "市科技局"),
                    ("bureau", "市级部门"),
                ],
                max_length=20,
                verbose_name="类别",
            ),
        ),
    ]
