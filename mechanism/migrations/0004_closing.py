import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.public_id
from core.roles import grant

# What has been signed is what the city has answered for: the database refuses, whatever SQL the application sends.
# The contents of a version are written once, before its hash; only those of a withdrawn check may be removed.
FROZEN = ("mechanism_frozenfigure", "mechanism_frozenrow", "mechanism_restatement")
CREATE_FUNCTIONS = """
CREATE FUNCTION mechanism_version_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.status = 'checked' AND (OLD.content_hash = '' OR
        (OLD.public_id, OLD.period, OLD.last_on, OLD.number, OLD.previous_id, OLD.note, OLD.checked_by_id,
         OLD.checked_at, OLD.definitions, OLD.public_report, OLD.row_sets, OLD.row_count, OLD.rows_hash,
         OLD.values_hash, OLD.content_hash)
        IS NOT DISTINCT FROM
        (NEW.public_id, NEW.period, NEW.last_on, NEW.number, NEW.previous_id, NEW.note, NEW.checked_by_id,
         NEW.checked_at, NEW.definitions, NEW.public_report, NEW.row_sets, NEW.row_count, NEW.rows_hash,
         NEW.values_hash, NEW.content_hash)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '月结版本不能修改或删除，要改请出下一版' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER mechanism_version_stands BEFORE UPDATE OR DELETE ON mechanism_figureversion
    FOR EACH ROW EXECUTE FUNCTION mechanism_version_stands();
CREATE TRIGGER mechanism_version_stays BEFORE TRUNCATE ON mechanism_figureversion
    FOR EACH STATEMENT EXECUTE FUNCTION mechanism_version_stands();
CREATE FUNCTION mechanism_frozen_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT 1 FROM (SELECT DISTINCT version_id FROM touched) AS written
            JOIN mechanism_figureversion AS version ON version.id = written.version_id
            WHERE version.status <> 'checked' OR version.content_hash <> '') THEN
            RETURN NULL;
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF NOT EXISTS (SELECT 1 FROM (SELECT DISTINCT version_id FROM touched) AS written
            JOIN mechanism_figureversion AS version ON version.id = written.version_id
            WHERE version.status <> 'withdrawn') THEN
            RETURN NULL;
        END IF;
    END IF;
    RAISE EXCEPTION '月结的内容不能增加、修改或删除，要改请出下一版' USING ERRCODE = 'insufficient_privilege';
END $$;
"""
CREATE_TRIGGERS = CREATE_FUNCTIONS + "".join(
    f"""
CREATE TRIGGER {table}_is_written_once AFTER INSERT ON {table} REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION mechanism_frozen_stands();
CREATE TRIGGER {table}_stands AFTER DELETE ON {table} REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION mechanism_frozen_stands();
CREATE TRIGGER {table}_stays BEFORE UPDATE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION mechanism_frozen_stands();
"""
    for table in FROZEN
)
DROP_TRIGGERS = (
    "".join(
        f"""
DROP TRIGGER {table}_stays ON {table};
DROP TRIGGER {table}_stands ON {table};
DROP TRIGGER {table}_is_written_once ON {table};
"""
        for table in FROZEN
    )
    + """
DROP FUNCTION mechanism_frozen_stands();
DROP TRIGGER mechanism_version_stays ON mechanism_figureversion;
DROP TRIGGER mechanism_version_stands ON mechanism_figureversion;
DROP FUNCTION mechanism_version_stands();
"""
)
GRANTS = {
    "city_officer": ["view_figureversion", "check_figureversion", "sign_figureversion"],
    "auditor": ["view_figureversion"],
}


def grant_permissions(apps, schema_editor):
    grant(apps, "mechanism", GRANTS)


class Migration(migrations.Migration):
    dependencies = [
        ("mechanism", "0003_allocated_targets"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FigureVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=core.public_id.new_public_id,
                        editable=False,
                        max_length=10,
                        unique=True,
                        verbose_name="核验码",
                    ),
                ),
                ("period", models.CharField(editable=False, max_length=7, verbose_name="月份")),
                ("last_on", models.DateField(editable=False, verbose_name="截至")),
                ("number", models.PositiveSmallIntegerField(editable=False, verbose_name="版本")),
                (
                    "status",
                    models.CharField(
                        choices=[("checked", "已核对，待签发"), ("signed", "已签发"), ("withdrawn", "已撤回核对")],
                        default="checked",
                        editable=False,
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("note", models.TextField(blank=True, editable=False, max_length=1000, verbose_name="核对说明")),
                ("checked_at", models.DateTimeField(editable=False, verbose_name="核对时间")),
                ("signed_at", models.DateTimeField(editable=False, null=True, verbose_name="签发时间")),
                ("office", models.CharField(blank=True, editable=False, max_length=100, verbose_name="签发单位")),
                ("withdrawn_at", models.DateTimeField(editable=False, null=True, verbose_name="撤回时间")),
                ("definitions", models.JSONField(default=dict, editable=False, verbose_name="口径")),
                ("public_report", models.JSONField(default=dict, editable=False, verbose_name="公开的内容")),
                ("row_sets", models.JSONField(default=dict, editable=False, verbose_name="记录的分组")),
                ("row_count", models.PositiveIntegerField(default=0, editable=False, verbose_name="记录数")),
                ("rows_hash", models.CharField(blank=True, editable=False, max_length=64, verbose_name="记录的校验值")),
                (
                    "values_hash",
                    models.CharField(blank=True, editable=False, max_length=64, verbose_name="数值和更正的校验值"),
                ),
                ("content_hash", models.CharField(blank=True, editable=False, max_length=64, verbose_name="校验值")),
                ("seal", models.CharField(blank=True, editable=False, max_length=64, verbose_name="签章值")),
                (
                    "checked_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="核对人",
                    ),
                ),
                (
                    "previous",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="later",
                        to="mechanism.figureversion",
                        verbose_name="对照的版本",
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="签发人",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="撤回人",
                    ),
                ),
            ],
            options={
                "verbose_name": "月结版本",
                "verbose_name_plural": "月结版本",
                "ordering": ["-last_on", "-number", "-pk"],
                "permissions": [
                    ("check_figureversion", "Can check the figures of a month"),
                    ("sign_figureversion", "Can sign the figures of a month"),
                ],
            },
        ),
        migrations.CreateModel(
            name="FrozenFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "span",
                    models.CharField(
                        choices=[("month", "当月"), ("quarter", "当季"), ("year", "年初以来")], max_length=7
                    ),
                ),
                ("figure", models.CharField(max_length=40)),
                ("by", models.CharField(blank=True, max_length=20)),
                ("name", models.CharField(blank=True, max_length=40)),
                ("label", models.CharField(blank=True, max_length=200)),
                ("value", models.DecimalField(decimal_places=4, max_digits=24, null=True)),
                ("rows", models.PositiveIntegerField()),
                ("total", models.DecimalField(decimal_places=2, max_digits=24)),
                ("part_rows", models.PositiveIntegerField()),
                ("part", models.DecimalField(decimal_places=2, max_digits=24)),
                ("parts", models.JSONField(default=dict)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="figures",
                        to="mechanism.figureversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "月结的数",
            },
        ),
        migrations.CreateModel(
            name="FrozenRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row_set", models.CharField(max_length=40)),
                ("object_id", models.BigIntegerField()),
                ("facts", models.JSONField()),
                ("fingerprint", models.CharField(max_length=64)),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="frozen_rows",
                        to="mechanism.figureversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "月结的记录",
            },
        ),
        migrations.CreateModel(
            name="Restatement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row_set", models.CharField(max_length=40)),
                ("object_id", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("came", "新计入"), ("went", "不再计入"), ("changed", "内容变了")],
                        max_length=7,
                        verbose_name="变化",
                    ),
                ),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("reason", models.CharField(max_length=300, verbose_name="更正理由")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="restatements",
                        to="mechanism.figureversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "更正",
                "ordering": ["object_id", "row_set"],
            },
        ),
        migrations.AddConstraint(
            model_name="figureversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "withdrawn"), _negated=True),
                fields=("period", "number"),
                name="figure_version_numbered_once",
                violation_error_message="这个月的这一版已经有了，请刷新页面查看。",
            ),
        ),
        migrations.AddConstraint(
            model_name="figureversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "checked")),
                fields=("period",),
                name="figure_version_checked_once",
                violation_error_message="这个月已经有人核对，正在等待签发。请刷新页面查看。",
            ),
        ),
        migrations.AddConstraint(
            model_name="figureversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "signed"), _negated=True),
                    models.Q(
                        ("signed_at__isnull", False),
                        ("signed_by__isnull", False),
                        models.Q(("office", ""), _negated=True),
                        models.Q(("seal", ""), _negated=True),
                        models.Q(("content_hash", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="figure_version_signed_is_sealed",
                violation_error_message="签发要有签发人、时间、单位和签章值。",
            ),
        ),
        migrations.AddConstraint(
            model_name="figureversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status", "signed"),
                    models.Q(("seal", ""), ("signed_at", None), ("signed_by", None)),
                    _connector="OR",
                ),
                name="figure_version_unsigned_has_no_signature",
                violation_error_message="没有签发的版本不能带签章。",
            ),
        ),
        migrations.AddConstraint(
            model_name="figureversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("signed_by", None), models.Q(("signed_by", models.F("checked_by")), _negated=True), _connector="OR"
                ),
                name="figure_version_checked_and_signed_by_two",
                violation_error_message="核对人和签发人不能是同一个人，请另一位市级专员签发。",
            ),
        ),
        migrations.AddConstraint(
            model_name="figureversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "withdrawn"), ("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                    models.Q(
                        models.Q(("status", "withdrawn"), _negated=True), ("withdrawn_at", None), ("withdrawn_by", None)
                    ),
                    _connector="OR",
                ),
                name="figure_version_withdrawn_iff_by_whom",
                violation_error_message="撤回核对要记下撤回人和时间。",
            ),
        ),
        migrations.AddConstraint(
            model_name="frozenfigure",
            constraint=models.UniqueConstraint(
                fields=("version", "span", "figure", "by", "name"),
                name="frozen_figure_once",
                violation_error_message="同一版本中同一个数只存一次。",
            ),
        ),
        migrations.AddConstraint(
            model_name="frozenrow",
            constraint=models.UniqueConstraint(
                fields=("version", "row_set", "object_id"),
                name="frozen_row_once",
                violation_error_message="同一版本中同一条记录只计一次。",
            ),
        ),
        migrations.AddConstraint(
            model_name="restatement",
            constraint=models.UniqueConstraint(
                fields=("version", "row_set", "object_id"),
                name="restatement_once",
                violation_error_message="同一条记录在一版中只更正一次。",
            ),
        ),
        migrations.AddConstraint(
            model_name="restatement",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="restatement_has_reason",
                violation_error_message="每处更正都要写明理由。",
            ),
        ),
        migrations.RunSQL(CREATE_TRIGGERS, DROP_TRIGGERS),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
