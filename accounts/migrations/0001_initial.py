import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.validators
import core.plain_text
import core.public_id
import core.public_text
from accounts.city_rows import add_regions
from core.create_models import CreateModels
from core.roles import grant


def fill_regions(apps, schema_editor):
    add_regions(apps, settings.CITY)


READ = ["view_organisation", "view_signup", "view_contact", "view_sourcefile"]


def grant_permissions(apps, schema_editor):
    grant(
        apps,
        "accounts",
        {
            "district_officer": [*READ, "change_organisation", "change_signup"],
            "city_officer": [
                *READ,
                "view_region",
                "change_region",
                "add_organisation",
                "change_organisation",
                "change_signup",
            ],
            "auditor": [*READ, "view_user", "view_membership", "view_region"],
            "sysadmin": [
                "view_user",
                "add_user",
                "change_user",
                "view_membership",
                "add_membership",
                "view_organisation",
                "add_organisation",
                "change_organisation",
                "view_region",
                "add_region",
                "change_region",
            ],
            "institution_officer": [],
            "firm_officer": [],
            "broker": [],
        },
    )
    grant(apps, "auth", {"auditor": ["view_group"], "sysadmin": ["view_group"]})


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Region",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "code",
                            models.SlugField(
                                help_text="GB/T 2260 代码；功能区没有国家代码，用拼音", unique=True, verbose_name="代码"
                            ),
                        ),
                        ("name", models.CharField(max_length=30, unique=True, verbose_name="名称")),
                        (
                            "aliases",
                            models.CharField(
                                blank=True,
                                help_text="导入表格时也认得的写法，用顿号分开",
                                max_length=200,
                                verbose_name="别名",
                            ),
                        ),
                        ("is_gb2260", models.BooleanField(default=False, verbose_name="行政区划")),
                        ("is_reporting", models.BooleanField(default=False, verbose_name="统计单位")),
                        ("order", models.PositiveSmallIntegerField(default=0, verbose_name="顺序")),
                    ],
                    options={
                        "verbose_name": "区市县",
                        "verbose_name_plural": "区市县",
                        "ordering": ["order", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Organisation",
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
                            "name",
                            models.CharField(
                                error_messages={"unique": "已有同名单位，请先搜索再新建。"},
                                max_length=100,
                                unique=True,
                                verbose_name="单位名称",
                            ),
                        ),
                        ("short_name", models.CharField(blank=True, max_length=30, verbose_name="简称")),
                        (
                            "kind",
                            models.CharField(
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
                        (
                            "credit_code",
                            models.CharField(
                                blank=True,
                                help_text="18 位，选填",
                                max_length=18,
                                validators=[accounts.validators.validate_credit_code],
                                verbose_name="统一社会信用代码",
                            ),
                        ),
                        (
                            "firm_type",
                            models.CharField(
                                blank=True,
                                help_text="如高企、科小、规上、专精特新",
                                max_length=60,
                                verbose_name="企业类型",
                            ),
                        ),
                        ("is_local", models.BooleanField(default=True)),
                        (
                            "reg_region",
                            models.ForeignKey(
                                blank=True,
                                limit_choices_to={"is_gb2260": True},
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="registered_organisations",
                                to="accounts.region",
                                verbose_name="注册地",
                            ),
                        ),
                        (
                            "stat_region",
                            models.ForeignKey(
                                blank=True,
                                limit_choices_to={"is_reporting": True},
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="organisations",
                                to="accounts.region",
                                verbose_name="统计归口",
                            ),
                        ),
                        ("profile", models.TextField(blank=True, max_length=1000, verbose_name="简介")),
                        ("website", models.URLField(blank=True, verbose_name="网址")),
                        (
                            "former_names",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=100),
                                blank=True,
                                db_default=[],
                                default=list,
                                editable=False,
                                size=None,
                                verbose_name="曾用名",
                            ),
                        ),
                        (
                            "public_contacts",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    max_length=100, validators=[accounts.validators.validate_office_contact]
                                ),
                                blank=True,
                                db_default=[],
                                default=list,
                                help_text="单位自己公布的总机、办公电话、办公邮箱，用逗号分开；公开文字里只有这些不算个人信息。手机号不能填",
                                size=None,
                                verbose_name="对外公开的办公电话和邮箱",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                    ],
                    options={
                        "verbose_name": "单位",
                        "verbose_name_plural": "单位",
                        "ordering": ["name"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("credit_code", ""), _negated=True),
                                fields=("credit_code",),
                                name="organisation_credit_code_once",
                                violation_error_message="已有单位使用这个统一社会信用代码。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "district"), _negated=True),
                                    ("stat_region__isnull", False),
                                    _connector="OR",
                                ),
                                name="organisation_district_has_region",
                                violation_error_message="区市县科技部门必须选择统计归口。",
                            ),
                        ],
                    },
                    bases=(core.public_text.PublicText, models.Model),
                ),
                migrations.CreateModel(
                    name="User",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                        (
                            "is_superuser",
                            models.BooleanField(
                                default=False,
                                help_text="Designates that this user has all permissions without explicitly assigning them.",
                                verbose_name="superuser status",
                            ),
                        ),
                        (
                            "username",
                            models.CharField(
                                error_messages={"unique": "A user with that username already exists."},
                                help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                                max_length=150,
                                unique=True,
                                validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                                verbose_name="username",
                            ),
                        ),
                        ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                        (
                            "is_staff",
                            models.BooleanField(
                                default=False,
                                help_text="Designates whether the user can log into this admin site.",
                                verbose_name="staff status",
                            ),
                        ),
                        (
                            "is_active",
                            models.BooleanField(
                                default=True,
                                help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                                verbose_name="active",
                            ),
                        ),
                        (
                            "date_joined",
                            models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined"),
                        ),
                        ("name", models.CharField(max_length=30, verbose_name="姓名")),
                        ("phone", models.CharField(blank=True, max_length=20, verbose_name="手机")),
                        (
                            "groups",
                            models.ManyToManyField(
                                blank=True,
                                help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.group",
                                verbose_name="groups",
                            ),
                        ),
                        (
                            "user_permissions",
                            models.ManyToManyField(
                                blank=True,
                                help_text="Specific permissions for this user.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.permission",
                                verbose_name="user permissions",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "用户",
                        "verbose_name_plural": "用户",
                        "abstract": False,
                    },
                    managers=[
                        ("objects", django.contrib.auth.models.UserManager()),
                    ],
                ),
                migrations.CreateModel(
                    name="Membership",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="memberships",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="用户",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships",
                                to="accounts.organisation",
                                verbose_name="单位",
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
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
                        (
                            "is_administrator",
                            models.BooleanField(
                                db_default=False, default=False, editable=False, verbose_name="单位管理员"
                            ),
                        ),
                        (
                            "joined_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                default=django.utils.timezone.now,
                                editable=False,
                                null=True,
                                verbose_name="加入时间",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "任职",
                        "verbose_name_plural": "任职",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("user", "organisation", "role"),
                                name="membership_once",
                                violation_error_message="这位用户在该单位已有这个角色。",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Contact",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contacts",
                                to="accounts.organisation",
                                verbose_name="单位",
                            ),
                        ),
                        ("name", models.CharField(max_length=30, verbose_name="联系人")),
                        ("phone", models.CharField(blank=True, max_length=30, verbose_name="联系电话")),
                        ("email", models.EmailField(blank=True, max_length=254, verbose_name="邮箱")),
                        (
                            "consented_at",
                            models.DateTimeField(
                                blank=True,
                                help_text="没有同意就不能向任何一方出示",
                                null=True,
                                verbose_name="同意对接使用的时间",
                            ),
                        ),
                        (
                            "withdrawn_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="撤回同意的时间"),
                        ),
                    ],
                    options={
                        "verbose_name": "联系人",
                        "verbose_name_plural": "联系人",
                    },
                ),
                migrations.CreateModel(
                    name="ContactShare",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "contact",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shares",
                                to="accounts.contact",
                                verbose_name="联系人",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organisation",
                                verbose_name="单位",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("about", models.CharField(db_index=True, max_length=40, verbose_name="事由")),
                        ("shared_at", models.DateTimeField(auto_now_add=True, verbose_name="同意时间")),
                        ("ended_at", models.DateTimeField(editable=False, null=True, verbose_name="终止时间")),
                    ],
                    options={
                        "verbose_name": "联系方式授权",
                        "verbose_name_plural": "联系方式授权",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("organisation__isnull", True), ("user__isnull", False)),
                                    models.Q(("organisation__isnull", False), ("user__isnull", True)),
                                    _connector="OR",
                                ),
                                name="contact_share_has_one_recipient",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ConsentWithdrawal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organisation",
                                verbose_name="单位",
                            ),
                        ),
                        ("fingerprint", models.CharField(max_length=64)),
                        ("withdrawn_at", models.DateTimeField(auto_now_add=True, verbose_name="撤回时间")),
                    ],
                    options={
                        "verbose_name": "撤回的同意",
                        "verbose_name_plural": "撤回的同意",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation", "fingerprint"), name="consent_withdrawn_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SignUp",
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
                        ("firm_name", models.CharField(max_length=100, verbose_name="企业名称")),
                        (
                            "credit_code",
                            models.CharField(
                                max_length=18,
                                validators=[accounts.validators.validate_credit_code],
                                verbose_name="统一社会信用代码",
                            ),
                        ),
                        (
                            "stat_region",
                            models.ForeignKey(
                                limit_choices_to={"is_reporting": True},
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sign_ups",
                                to="accounts.region",
                                verbose_name="所属区市县",
                            ),
                        ),
                        (
                            "username",
                            models.CharField(
                                max_length=30,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[\\w.@-]+$", "用户名只能用文字、字母、数字和 . @ - _。"
                                    )
                                ],
                                verbose_name="用户名",
                            ),
                        ),
                        (
                            "name",
                            models.CharField(
                                max_length=30,
                                validators=[accounts.validators.validate_person_name],
                                verbose_name="联系人",
                            ),
                        ),
                        (
                            "phone",
                            models.CharField(
                                max_length=20, validators=[accounts.validators.validate_phone], verbose_name="联系电话"
                            ),
                        ),
                        ("email", models.EmailField(blank=True, max_length=254, verbose_name="邮箱")),
                        ("password_hash", models.CharField(editable=False, max_length=128)),
                        ("consented_at", models.DateTimeField(verbose_name="同意个人信息处理的时间")),
                        (
                            "status",
                            models.CharField(
                                choices=[("submitted", "待审核"), ("approved", "已通过"), ("rejected", "未通过")],
                                default="submitted",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("submitted_at", models.DateTimeField(auto_now_add=True, verbose_name="提交时间")),
                        (
                            "decided_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="审核人",
                            ),
                        ),
                        ("decided_at", models.DateTimeField(editable=False, null=True, verbose_name="审核时间")),
                        (
                            "decision_note",
                            models.CharField(blank=True, editable=False, max_length=200, verbose_name="审核意见"),
                        ),
                        (
                            "checks",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                editable=False,
                                max_length=200,
                                verbose_name="核对方式",
                            ),
                        ),
                        (
                            "proof",
                            models.FileField(
                                blank=True,
                                db_default="",
                                default="",
                                editable=False,
                                upload_to="sign_ups/",
                                verbose_name="证明材料",
                            ),
                        ),
                        (
                            "proof_name",
                            models.CharField(blank=True, db_default="", default="", editable=False, max_length=200),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sign_ups",
                                to="accounts.organisation",
                                verbose_name="名录中的企业",
                            ),
                        ),
                        ("announced_at", models.DateTimeField(editable=False, null=True, verbose_name="告知时间")),
                        ("answer_due_on", models.DateField(editable=False, null=True, verbose_name="答复期限")),
                        (
                            "objection",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                editable=False,
                                max_length=300,
                                verbose_name="异议",
                            ),
                        ),
                        ("objected_at", models.DateTimeField(editable=False, null=True, verbose_name="提出异议的时间")),
                        (
                            "objected_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="异议人",
                            ),
                        ),
                        ("objection_code", models.CharField(editable=False, max_length=10, null=True, unique=True)),
                        (
                            "user",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "企业注册申请",
                        "verbose_name_plural": "企业注册申请",
                        "ordering": ["submitted_at"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("decided_at", None), ("decided_by", None), ("status", "submitted")),
                                    models.Q(
                                        models.Q(("status", "submitted"), _negated=True),
                                        ("decided_at__isnull", False),
                                        ("decided_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="sign_up_decided_iff_not_submitted",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("objected_at", None), ("objection", "")),
                                    models.Q(
                                        ("objected_at__isnull", False), models.Q(("objection", ""), _negated=True)
                                    ),
                                    _connector="OR",
                                ),
                                name="sign_up_objection_has_words",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="SourceFile",
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("achievements", "科技成果"),
                                    ("demands", "技术需求"),
                                    ("agencies", "服务机构"),
                                    ("brokers", "技术经纪人"),
                                    ("contracts", "技术合同登记名单"),
                                    ("funds", "基金"),
                                    ("guests", "参会名单"),
                                ],
                                max_length=20,
                                verbose_name="内容",
                            ),
                        ),
                        ("file", models.FileField(max_length=200, upload_to="imports/%Y/%m/", verbose_name="文件")),
                        ("name", models.CharField(max_length=200, verbose_name="文件名")),
                        ("size", models.PositiveBigIntegerField(verbose_name="大小（字节）")),
                        ("sha256", models.CharField(max_length=64)),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="source_files",
                                to="accounts.organisation",
                                verbose_name="单位",
                            ),
                        ),
                        (
                            "uploaded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="source_files",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="上传人",
                            ),
                        ),
                        ("uploaded_at", models.DateTimeField(auto_now_add=True, verbose_name="上传时间")),
                        (
                            "written_at",
                            models.DateTimeField(blank=True, editable=False, null=True, verbose_name="导入时间"),
                        ),
                        (
                            "created_rows",
                            models.PositiveIntegerField(default=0, editable=False, verbose_name="新增行数"),
                        ),
                        (
                            "unchanged_rows",
                            models.PositiveIntegerField(default=0, editable=False, verbose_name="未变行数"),
                        ),
                    ],
                    options={
                        "verbose_name": "导入文件",
                        "verbose_name_plural": "导入文件",
                        "ordering": ["-uploaded_at"],
                        "indexes": [models.Index(fields=["kind", "sha256"], name="source_file_by_hash")],
                    },
                ),
            ]
        ),
        migrations.RunPython(fill_regions, migrations.RunPython.noop),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
