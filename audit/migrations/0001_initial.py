import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.create_models import CreateModels
from core.roles import grant

# The trail must outlive whoever wants it changed: the database refuses, whatever SQL the application sends.
CREATE_TRIGGER = """
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '操作记录只能新增，不能修改或删除' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_auditrecord
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
"""
DROP_TRIGGER = """
DROP TRIGGER audit_is_append_only ON audit_auditrecord;
DROP FUNCTION audit_is_append_only();
"""

GRANTS = {role: ["view_auditrecord"] for role in ("city_officer", "auditor", "sysadmin")}


def grant_permissions(apps, schema_editor):
    grant(apps, "audit", GRANTS)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="AuditRecord",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField(auto_now_add=True, db_index=True, verbose_name="时间")),
                        (
                            "actor",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="操作人",
                            ),
                        ),
                        ("actor_name", models.CharField(blank=True, max_length=60, verbose_name="操作人姓名")),
                        ("action", models.CharField(max_length=60, verbose_name="动作")),
                        ("object_type", models.CharField(max_length=60, verbose_name="对象类型")),
                        ("object_id", models.CharField(max_length=40, verbose_name="对象编号")),
                        ("object_label", models.CharField(max_length=200, verbose_name="对象")),
                        (
                            "changes",
                            models.JSONField(default=dict, help_text="字段：[旧值, 新值]", verbose_name="变更"),
                        ),
                        ("ip", models.GenericIPAddressField(null=True, verbose_name="来源地址")),
                        (
                            "origin",
                            models.CharField(
                                blank=True, help_text="网页、接口、命令或后台任务", max_length=20, verbose_name="来源"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "操作记录",
                        "verbose_name_plural": "操作记录",
                        "ordering": ["-at", "-pk"],
                        "indexes": [models.Index(fields=["object_type", "object_id"], name="audit_by_object")],
                    },
                ),
            ]
        ),
        migrations.RunSQL(CREATE_TRIGGER, DROP_TRIGGER),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
