import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.public_id
import core.public_text
from core.create_models import CreateModels
from core.roles import grant

SEES = ["view_agency", "view_broker", "export_agency", "export_broker"]
GRANTS = {
    "city_officer": [
        *SEES,
        "add_agency",
        "change_agency",
        "verify_agency",
        "import_agency",
        "add_broker",
        "change_broker",
        "import_broker",
    ],
    "district_officer": SEES,
    "auditor": SEES,
}


def grant_permissions(apps, schema_editor):
    grant(apps, "brokers", GRANTS)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("taxonomy", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Agency",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "public_id",
                            models.CharField(
                                default=core.public_id.new_public_id, editable=False, max_length=10, unique=True
                            ),
                        ),
                        (
                            "organisation",
                            models.OneToOneField(
                                error_messages={"unique": "该机构已在名录中。"},
                                limit_choices_to={"kind": "agency"},
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agency",
                                to="accounts.organisation",
                                verbose_name="机构",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("transfer", "技术转移"),
                                    ("evaluation", "技术评估"),
                                    ("pilot", "成果中试"),
                                    ("commercialisation", "成果转化"),
                                ],
                                max_length=20,
                                verbose_name="机构类别",
                            ),
                        ),
                        (
                            "services",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("development", "技术开发服务"),
                                        ("transfer", "技术转让服务"),
                                        ("technical_service", "技术服务"),
                                        ("consulting", "技术咨询服务"),
                                        ("evaluation", "技术评价服务"),
                                        ("financing", "技术投融资服务"),
                                        ("platform", "信息网络平台服务"),
                                    ],
                                    max_length=20,
                                ),
                                blank=True,
                                default=list,
                                size=None,
                                verbose_name="服务类型",
                            ),
                        ),
                        (
                            "contact",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agencies",
                                to="accounts.contact",
                                verbose_name="联系人",
                            ),
                        ),
                        (
                            "verified_at",
                            models.DateTimeField(blank=True, editable=False, null=True, verbose_name="核验时间"),
                        ),
                        (
                            "verified_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="核验人",
                            ),
                        ),
                        (
                            "source_file",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agencies",
                                to="accounts.sourcefile",
                                verbose_name="来源文件",
                            ),
                        ),
                        (
                            "source_row",
                            models.PositiveIntegerField(blank=True, editable=False, null=True, verbose_name="来源行"),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="录入时间")),
                        ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                        (
                            "industries",
                            models.ManyToManyField(
                                blank=True, related_name="agencies", to="taxonomy.industry", verbose_name="服务领域"
                            ),
                        ),
                        (
                            "regions",
                            models.ManyToManyField(
                                blank=True,
                                limit_choices_to={"is_reporting": True},
                                related_name="agencies",
                                to="accounts.region",
                                verbose_name="服务区市县",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "服务机构",
                        "verbose_name_plural": "服务机构",
                        "ordering": ["organisation__name"],
                        "permissions": [
                            ("verify_agency", "Can verify agencies"),
                            ("import_agency", "Can import agencies"),
                            ("export_agency", "Can export agencies"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("verified_at", None), ("verified_by", None)),
                                    models.Q(("verified_at__isnull", False), ("verified_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="agency_verified_by_someone",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Broker",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "public_id",
                            models.CharField(
                                default=core.public_id.new_public_id, editable=False, max_length=10, unique=True
                            ),
                        ),
                        (
                            "user",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="broker",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登录用户",
                            ),
                        ),
                        ("name", models.CharField(max_length=30, verbose_name="姓名")),
                        (
                            "agency",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="brokers",
                                to="brokers.agency",
                                verbose_name="所属机构",
                            ),
                        ),
                        (
                            "level",
                            models.CharField(
                                choices=[
                                    ("junior", "初级技术经纪人"),
                                    ("intermediate", "中级技术经纪人"),
                                    ("senior", "高级技术经理人"),
                                ],
                                max_length=20,
                                verbose_name="等级",
                            ),
                        ),
                        (
                            "certificate_number",
                            models.CharField(
                                error_messages={"unique": "已有相同证书号的技术经纪人。"},
                                max_length=50,
                                unique=True,
                                verbose_name="证书号",
                            ),
                        ),
                        ("certified_by", models.CharField(blank=True, max_length=100, verbose_name="发证单位")),
                        ("issued_on", models.DateField(blank=True, null=True, verbose_name="发证日期")),
                        ("expires_on", models.DateField(blank=True, null=True, verbose_name="有效期至")),
                        (
                            "title",
                            models.CharField(
                                blank=True,
                                help_text="系列与级别，如工程系列·工程师",
                                max_length=50,
                                verbose_name="职称",
                            ),
                        ),
                        (
                            "contact",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="brokers",
                                to="accounts.contact",
                                verbose_name="联系方式",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="执业中")),
                        (
                            "source_file",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="brokers",
                                to="accounts.sourcefile",
                                verbose_name="来源文件",
                            ),
                        ),
                        (
                            "source_row",
                            models.PositiveIntegerField(blank=True, editable=False, null=True, verbose_name="来源行"),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="录入时间")),
                        ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                        (
                            "industries",
                            models.ManyToManyField(
                                blank=True, related_name="brokers", to="taxonomy.industry", verbose_name="擅长领域"
                            ),
                        ),
                        (
                            "regions",
                            models.ManyToManyField(
                                blank=True,
                                limit_choices_to={"is_reporting": True},
                                related_name="brokers",
                                to="accounts.region",
                                verbose_name="服务区市县",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "技术经纪人",
                        "verbose_name_plural": "技术经纪人",
                        "ordering": ["name", "pk"],
                        "permissions": [
                            ("import_broker", "Can import brokers"),
                            ("export_broker", "Can export brokers"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("issued_on__isnull", True),
                                    ("expires_on__isnull", True),
                                    ("expires_on__gte", models.F("issued_on")),
                                    _connector="OR",
                                ),
                                name="broker_certificate_dates_in_order",
                                violation_error_message="证书有效期不能早于发证日期。",
                            )
                        ],
                    },
                    bases=(core.public_text.PublicText, models.Model),
                ),
            ]
        ),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
