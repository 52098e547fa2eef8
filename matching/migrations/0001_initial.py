import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.plain_text
import core.public_id
import matching.models.match
from core.create_models import CreateModels
from core.roles import grant

VIEW = ["view_match", "view_matchrun", "view_brokerrequest", "view_demandresult"]
DECIDE = ["review_match", "ask_broker", "export_match"]
GRANTS = {
    "district_officer": VIEW + DECIDE,
    "city_officer": [*VIEW, *DECIDE, "view_learned", "switch_ranker"],
    "auditor": [*VIEW, "export_match", "view_learned"],
}


def grant_permissions(apps, schema_editor):
    grant(apps, "matching", GRANTS)


# Words that were said stay said, and an agreement rests on them: the database refuses, whatever SQL is sent.
CREATE_TRIGGERS = """
CREATE FUNCTION matching_statement_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '各方表示只能新增，不能修改或删除' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER matching_statement_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON matching_sidestatement
    FOR EACH STATEMENT EXECUTE FUNCTION matching_statement_is_append_only();
CREATE FUNCTION matching_follow_up_rests_on_own_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status IN ('talks', 'intent', 'deal') AND 2 <> (
        SELECT count(*) FROM matching_sidestatement word
        WHERE word.match_id = NEW.match_id
          AND word.capacity IN ('account', 'code', 'link')
          AND (word.stance = 'intent' OR word.stance = 'willing' AND NEW.status = 'talks')
          AND (word.id = NEW.firm_statement_id AND word.side = 'firm'
               OR word.id = NEW.institution_statement_id AND word.side = 'office')
    ) THEN
        RAISE EXCEPTION 'follow_up_rests_on_own_words: 双方都由本单位表示后，才能进入这个状态'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER matching_follow_up_rests_on_own_words
    BEFORE INSERT OR UPDATE OF status, match_id, firm_statement_id, institution_statement_id ON matching_followup
    FOR EACH ROW EXECUTE FUNCTION matching_follow_up_rests_on_own_words();
"""
DROP_TRIGGERS = """
DROP TRIGGER matching_follow_up_rests_on_own_words ON matching_followup;
DROP FUNCTION matching_follow_up_rests_on_own_words();
DROP TRIGGER matching_statement_is_append_only ON matching_sidestatement;
DROP FUNCTION matching_statement_is_append_only();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("achievements", "0001_initial"),
        ("brokers", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("demands", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="MatchRun",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("title", models.CharField(max_length=100, verbose_name="批次")),
                        (
                            "kind",
                            models.CharField(
                                choices=[("batch", "整批匹配"), ("immediate", "发布后即时匹配")],
                                db_default="batch",
                                default="batch",
                                editable=False,
                                max_length=10,
                                verbose_name="类型",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[("queued", "排队中"), ("done", "已完成")],
                                default="queued",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "queued_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="发起人",
                            ),
                        ),
                        ("queued_at", models.DateTimeField(auto_now_add=True, verbose_name="排队时间")),
                        ("sent_at", models.DateTimeField(editable=False, null=True, verbose_name="最近派发时间")),
                        ("finished_at", models.DateTimeField(editable=False, null=True, verbose_name="完成时间")),
                        ("engine", models.CharField(editable=False, max_length=40, verbose_name="匹配方法")),
                        ("parameters", models.JSONField(default=dict, editable=False, verbose_name="参数")),
                        (
                            "achievement_ids",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(), default=list, editable=False, size=None
                            ),
                        ),
                        (
                            "demand_ids",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(), default=list, editable=False, size=None
                            ),
                        ),
                        (
                            "target_achievement_ids",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(),
                                db_default=[],
                                default=list,
                                editable=False,
                                size=None,
                            ),
                        ),
                        (
                            "target_demand_ids",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(),
                                db_default=[],
                                default=list,
                                editable=False,
                                size=None,
                            ),
                        ),
                        ("snapshot_hash", models.CharField(editable=False, max_length=64, verbose_name="输入快照")),
                        ("counts", models.JSONField(default=dict, editable=False, verbose_name="结果")),
                    ],
                    options={
                        "verbose_name": "匹配批次",
                        "verbose_name_plural": "匹配批次",
                        "ordering": ["-queued_at"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("finished_at", None), ("status", "queued")),
                                    models.Q(("finished_at__isnull", False), ("status", "done")),
                                    _connector="OR",
                                ),
                                name="match_run_finished_iff_done",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MatchChunk",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="chunks",
                                to="matching.matchrun",
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        (
                            "demand_ids",
                            django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                        ),
                        ("attempts", models.PositiveIntegerField(default=0)),
                        ("sent_at", models.DateTimeField(null=True)),
                        ("finished_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name": "批次分片",
                        "verbose_name_plural": "批次分片",
                        "ordering": ["run", "number"],
                        "constraints": [
                            models.UniqueConstraint(fields=("run", "number"), name="match_chunk_once_per_run")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WorkerPulse",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=30, unique=True)),
                        ("beaten_at", models.DateTimeField()),
                    ],
                    options={
                        "verbose_name": "后台心跳",
                        "verbose_name_plural": "后台心跳",
                    },
                ),
                migrations.CreateModel(
                    name="DemandResult",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="demand_results",
                                to="matching.matchrun",
                                verbose_name="匹配批次",
                            ),
                        ),
                        (
                            "demand",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="match_results",
                                to="demands.demand",
                                verbose_name="需求",
                            ),
                        ),
                        ("no_match_probability", models.FloatField(verbose_name="没有合适成果的可能")),
                        ("has_no_match", models.BooleanField(verbose_name="没有候选")),
                        ("score_profile", models.JSONField(default=dict, verbose_name="依据")),
                        ("nearest", models.JSONField(default=list, verbose_name="最接近的成果")),
                    ],
                    options={
                        "verbose_name": "需求匹配结论",
                        "verbose_name_plural": "需求匹配结论",
                        "ordering": ["-run", "-no_match_probability", "pk"],
                        "constraints": [
                            models.UniqueConstraint(fields=("run", "demand"), name="demand_result_once_per_run"),
                            models.CheckConstraint(
                                condition=models.Q(("no_match_probability__gte", 0), ("no_match_probability__lte", 1)),
                                name="demand_result_probability_in_range",
                                violation_error_message="可能性应在 0 到 1 之间。",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Match",
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
                            "achievement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="matches",
                                to="achievements.achievement",
                                verbose_name="成果",
                            ),
                        ),
                        (
                            "demand",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="matches",
                                to="demands.demand",
                                verbose_name="需求",
                            ),
                        ),
                        (
                            "first_run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="new_matches",
                                to="matching.matchrun",
                                verbose_name="首次推荐批次",
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="matches",
                                to="matching.matchrun",
                                verbose_name="最近推荐批次",
                            ),
                        ),
                        ("rank", models.PositiveSmallIntegerField(default=0, verbose_name="名次")),
                        ("score", models.FloatField(help_text="0–100，系统推荐，仅供参考", verbose_name="匹配度")),
                        ("parts", models.JSONField(default=dict, verbose_name="分项得分")),
                        ("shared_terms", models.JSONField(default=list, verbose_name="共同术语")),
                        ("related_terms", models.JSONField(db_default=[], default=list, verbose_name="相关术语")),
                        (
                            "aligned_sentences",
                            models.JSONField(db_default=[], default=list, editable=False, verbose_name="对应的句子"),
                        ),
                        (
                            "facts",
                            models.JSONField(
                                default=list, help_text="阶段、合作方式、价格、区域、指标", verbose_name="事实比对"
                            ),
                        ),
                        ("probability", models.FloatField(editable=False, null=True, verbose_name="预计采纳")),
                        (
                            "level",
                            models.CharField(
                                blank=True,
                                choices=[("high", "高"), ("candidate", "候选")],
                                db_default="",
                                default="",
                                editable=False,
                                max_length=10,
                                verbose_name="级别",
                            ),
                        ),
                        (
                            "effects",
                            models.JSONField(db_default=[], default=list, editable=False, verbose_name="审核影响"),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("proposed", "待审核"),
                                    ("accepted", "已采纳"),
                                    ("rejected", "已退回"),
                                    ("duplicate", "重复"),
                                    ("passed", "未选"),
                                ],
                                default="proposed",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "reject_reason",
                            models.CharField(
                                blank=True,
                                choices=matching.models.match.reject_reasons,
                                editable=False,
                                max_length=20,
                                verbose_name="退回原因",
                            ),
                        ),
                        (
                            "review_note",
                            models.CharField(blank=True, editable=False, max_length=300, verbose_name="审核意见"),
                        ),
                        (
                            "reviewed_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="审核人",
                            ),
                        ),
                        ("reviewed_at", models.DateTimeField(editable=False, null=True, verbose_name="审核时间")),
                        ("revision", models.PositiveIntegerField(db_default=0, default=0, editable=False)),
                        ("held_until", models.DateField(editable=False, null=True, verbose_name="暂缓至")),
                        (
                            "duplicate_of",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="duplicates",
                                to="matching.match",
                                verbose_name="与哪一条重复",
                            ),
                        ),
                        (
                            "assigned_to",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="交给",
                            ),
                        ),
                        (
                            "appeal",
                            models.CharField(
                                blank=True,
                                db_default="",
                                default="",
                                editable=False,
                                max_length=300,
                                verbose_name="复议理由",
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="推荐时间")),
                    ],
                    options={
                        "verbose_name": "匹配",
                        "verbose_name_plural": "匹配",
                        "ordering": ["-score", "pk"],
                        "permissions": [
                            ("review_match", "Can accept or reject matches"),
                            ("export_match", "Can export matches"),
                            ("ask_broker", "Can ask a broker to follow a match"),
                        ],
                        "indexes": [models.Index(fields=["status", "-score"], name="match_by_status")],
                        "constraints": [
                            models.UniqueConstraint(fields=("achievement", "demand"), name="match_pair_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("reviewed_at", None), ("reviewed_by", None), ("status", "proposed")),
                                    models.Q(
                                        models.Q(("status", "proposed"), _negated=True),
                                        ("reviewed_at__isnull", False),
                                        ("reviewed_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="match_reviewed_iff_decided",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "rejected"), models.Q(("reject_reason", ""), _negated=True)),
                                    models.Q(models.Q(("status", "rejected"), _negated=True), ("reject_reason", "")),
                                    _connector="OR",
                                ),
                                name="match_reason_iff_rejected",
                                violation_error_message="退回必须选择原因。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "duplicate"), ("duplicate_of__isnull", False)),
                                    models.Q(models.Q(("status", "duplicate"), _negated=True), ("duplicate_of", None)),
                                    _connector="OR",
                                ),
                                name="match_duplicate_names_the_other",
                                violation_error_message="标为重复时必须指明与哪一条重复。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("held_until", None), ("status", "proposed"), _connector="OR"),
                                name="match_held_only_while_proposed",
                                violation_error_message="已经审核的匹配不能暂缓。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("appeal", ""), models.Q(("status", "proposed"), _negated=True), _connector="OR"
                                ),
                                name="match_appeal_only_when_decided",
                                violation_error_message="还没有审核的匹配不需要复议。",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BrokerRequest",
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
                            "match",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="broker_requests",
                                to="matching.match",
                                verbose_name="匹配",
                            ),
                        ),
                        (
                            "broker",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="requests",
                                to="brokers.broker",
                                verbose_name="技术经纪人",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("asked", "待答复"),
                                    ("taken", "已接受"),
                                    ("declined", "已谢绝"),
                                    ("withdrawn", "已撤回"),
                                ],
                                default="asked",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="委托人",
                            ),
                        ),
                        ("asked_at", models.DateTimeField(auto_now_add=True, verbose_name="委托时间")),
                        ("answered_at", models.DateTimeField(editable=False, null=True, verbose_name="答复时间")),
                    ],
                    options={
                        "verbose_name": "跟进委托",
                        "verbose_name_plural": "跟进委托",
                        "ordering": ["-asked_at"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["declined", "withdrawn"]), _negated=True),
                                fields=("match",),
                                name="broker_request_one_open_per_match",
                                violation_error_message="这条匹配已委托给一位技术经纪人。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("answered_at", None), ("status", "asked")),
                                    models.Q(
                                        models.Q(("status", "asked"), _negated=True), ("answered_at__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="broker_request_answered_iff_decided",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DemandReview",
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
                        ("batch", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "demand",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reviews",
                                to="demands.demand",
                                verbose_name="需求",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="操作人",
                            ),
                        ),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                        ("open_ms", models.PositiveIntegerField(null=True, verbose_name="查看时长（毫秒）")),
                        (
                            "outcome",
                            models.CharField(
                                choices=[("chosen", "已选"), ("none", "都不合适"), ("held", "暂缓")],
                                max_length=10,
                                verbose_name="结果",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True,
                                choices=matching.models.match.reject_reasons,
                                max_length=20,
                                verbose_name="退回原因",
                            ),
                        ),
                        (
                            "destination",
                            models.CharField(
                                choices=[
                                    ("stay", "照旧"),
                                    ("track", "长期跟踪，有新成果再配"),
                                    ("diagnosis", "回企业问清楚（需求诊断）"),
                                    ("broker", "请技术经纪人去找"),
                                    ("challenge", "转揭榜挂帅"),
                                ],
                                default="stay",
                                max_length=10,
                                verbose_name="去向",
                            ),
                        ),
                        (
                            "broker",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="brokers.broker",
                                verbose_name="技术经纪人",
                            ),
                        ),
                        ("status_before", models.CharField(blank=True, max_length=20, verbose_name="需求原来的状态")),
                        ("undone_at", models.DateTimeField(null=True, verbose_name="撤销时间")),
                    ],
                    options={
                        "verbose_name": "按需求审核",
                        "verbose_name_plural": "按需求审核",
                        "ordering": ["-made_at", "-pk"],
                        "indexes": [models.Index(fields=["by", "-made_at"], name="demand_review_by_officer")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("outcome", "none"),
                                    models.Q(("destination", "stay"), ("reason", ""), ("status_before", "")),
                                    _connector="OR",
                                ),
                                name="demand_review_destination_only_if_none",
                                violation_error_message="只有都不合适时才写原因、选去向。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("broker", None), ("destination", "broker"), _connector="OR"),
                                name="demand_review_broker_only_if_sent_there",
                                violation_error_message="只有请技术经纪人去找时才选经纪人。",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Decision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("batch", models.UUIDField(db_index=True, editable=False, null=True)),
                        (
                            "match",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to="matching.match",
                                verbose_name="匹配",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("accept", "采纳"),
                                    ("reject", "退回"),
                                    ("duplicate", "标为重复"),
                                    ("broker", "委托经纪人"),
                                    ("hold", "暂缓"),
                                    ("ask", "提问"),
                                    ("give", "交给同事"),
                                    ("take", "接手"),
                                    ("appeal", "请市里复议"),
                                    ("uphold", "维持原审核"),
                                    ("reopen", "重新审核"),
                                    ("met", "洽谈后采纳"),
                                    ("unfit", "洽谈后不合适"),
                                    ("pass", "未选"),
                                ],
                                max_length=10,
                                verbose_name="动作",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="操作人",
                            ),
                        ),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                        ("open_ms", models.PositiveIntegerField(null=True, verbose_name="查看时长（毫秒）")),
                        (
                            "reason",
                            models.CharField(
                                blank=True,
                                choices=matching.models.match.reject_reasons,
                                max_length=20,
                                verbose_name="退回原因",
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                        ("before", models.JSONField(default=dict)),
                        ("after", models.JSONField(default=dict)),
                        ("revision", models.PositiveIntegerField()),
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to="matching.matchrun",
                                verbose_name="批次",
                            ),
                        ),
                        ("engine", models.CharField(max_length=40, verbose_name="匹配方法")),
                        ("score", models.FloatField(verbose_name="匹配度")),
                        ("features", models.JSONField(default=dict, verbose_name="依据")),
                        ("undone_at", models.DateTimeField(null=True, verbose_name="撤销时间")),
                    ],
                    options={
                        "verbose_name": "审核决定",
                        "verbose_name_plural": "审核决定",
                        "ordering": ["-made_at", "-pk"],
                        "indexes": [models.Index(fields=["by", "-made_at"], name="decision_by_officer")],
                        "constraints": [
                            models.UniqueConstraint(fields=("match", "revision"), name="decision_once_per_revision"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind__in", ["reject", "unfit"]), _negated=True),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="decision_rejects_with_reason",
                                violation_error_message="退回必须选择原因。",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Question",
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
                            "match",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="questions",
                                to="matching.match",
                                verbose_name="匹配",
                            ),
                        ),
                        (
                            "side",
                            models.CharField(
                                choices=[("firm", "企业"), ("office", "院校")], max_length=10, verbose_name="问谁"
                            ),
                        ),
                        ("text", models.CharField(max_length=500, verbose_name="问题")),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提问人",
                            ),
                        ),
                        ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="提问时间")),
                        (
                            "status",
                            models.CharField(
                                choices=[("asked", "待答复"), ("answered", "已答复"), ("withdrawn", "已撤回")],
                                default="asked",
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("answer", models.CharField(blank=True, max_length=1000, verbose_name="答复")),
                        (
                            "answered_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="答复人",
                            ),
                        ),
                        ("answered_at", models.DateTimeField(null=True, verbose_name="答复时间")),
                    ],
                    options={
                        "verbose_name": "提问",
                        "verbose_name_plural": "提问",
                        "ordering": ["-asked_at", "-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status", "asked")),
                                fields=("match",),
                                name="question_one_open_per_match",
                                violation_error_message="这条匹配已有一个问题在等答复。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("answered_at__isnull", False),
                                        ("answered_by__isnull", False),
                                        ("status", "answered"),
                                        models.Q(("answer", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(("status", "answered"), _negated=True),
                                        ("answer", ""),
                                        ("answered_at", None),
                                        ("answered_by", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="question_answered_iff_text",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Reservation",
                    fields=[
                        (
                            "match",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="reservation",
                                serialize=False,
                                to="matching.match",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("is_open", models.BooleanField()),
                        ("until", models.DateTimeField()),
                    ],
                    options={
                        "verbose_name": "正在查看",
                        "verbose_name_plural": "正在查看",
                        "indexes": [models.Index(fields=["until"], name="reservation_by_end")],
                    },
                ),
                migrations.CreateModel(
                    name="ReviewDeskPreference",
                    fields=[
                        (
                            "user",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("single_keys", models.BooleanField(default=True)),
                        ("digit_accepts", models.BooleanField(db_default=True, default=True)),
                    ],
                    options={
                        "verbose_name": "审核台设置",
                        "verbose_name_plural": "审核台设置",
                    },
                ),
                migrations.CreateModel(
                    name="SideStatement",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "match",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="statements",
                                to="matching.match",
                                verbose_name="匹配",
                            ),
                        ),
                        (
                            "side",
                            models.CharField(
                                choices=[("firm", "企业"), ("office", "院校")], max_length=10, verbose_name="哪一方"
                            ),
                        ),
                        (
                            "stance",
                            models.CharField(
                                choices=[("no", "不合适"), ("willing", "愿意继续谈"), ("intent", "有意向")],
                                max_length=10,
                                verbose_name="表示",
                            ),
                        ),
                        (
                            "capacity",
                            models.CharField(
                                choices=[
                                    ("account", "本单位账号"),
                                    ("code", "本单位邀请码"),
                                    ("link", "本单位确认链接"),
                                    ("phone", "电话答复，工作人员记录"),
                                    ("host", "现场记录"),
                                    ("owner", "跟进人记录"),
                                ],
                                max_length=10,
                                verbose_name="身份",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="账号",
                            ),
                        ),
                        ("spoken_with", models.CharField(blank=True, max_length=30, verbose_name="电话答复人")),
                        (
                            "relayed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="转交链接的工作人员",
                            ),
                        ),
                        ("source", models.CharField(max_length=40, verbose_name="出处")),
                        ("said_at", models.DateTimeField(verbose_name="表示时间")),
                        (
                            "recorded_at",
                            models.DateTimeField(default=django.utils.timezone.now, verbose_name="收到时间"),
                        ),
                    ],
                    options={
                        "verbose_name": "各方表示",
                        "verbose_name_plural": "各方表示",
                        "ordering": ["-said_at", "-pk"],
                        "indexes": [models.Index(fields=["match", "side", "-said_at"], name="side_statement_latest")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("by", None), ("capacity__in", ["code", "link"])),
                                    models.Q(
                                        models.Q(("capacity__in", ["code", "link"]), _negated=True),
                                        ("by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="side_statement_has_user_iff_signed_in",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("said_at__lte", models.F("recorded_at"))),
                                name="side_statement_said_before_received",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FollowUp",
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
                            "match",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="follow_up",
                                to="matching.match",
                                verbose_name="匹配",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("asking", "征询双方意愿"),
                                    ("talks", "洽谈中"),
                                    ("intent", "已达意向"),
                                    ("deal", "已转入成交"),
                                    ("closed", "已结束"),
                                    ("withdrawn", "已撤回"),
                                ],
                                default="asking",
                                editable=False,
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="follow_ups",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="跟进人",
                            ),
                        ),
                        ("opened_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="征询时间")),
                        ("agreed_at", models.DateTimeField(editable=False, null=True, verbose_name="双方同意时间")),
                        ("next_on", models.DateField(editable=False, null=True, verbose_name="下次跟进日期")),
                        (
                            "closed_reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("unwilling", "一方不愿意"),
                                    ("no_answer", "逾期没有答复"),
                                    ("no_deal", "洽谈未成"),
                                    ("changed", "成果或需求已有变化"),
                                    ("other", "其他原因"),
                                ],
                                editable=False,
                                max_length=10,
                                verbose_name="结束原因",
                            ),
                        ),
                        (
                            "closed_note",
                            models.CharField(blank=True, editable=False, max_length=300, verbose_name="结束说明"),
                        ),
                        ("closed_at", models.DateTimeField(editable=False, null=True, verbose_name="结束时间")),
                        (
                            "closed_by_side",
                            models.CharField(
                                blank=True,
                                choices=[("firm", "企业"), ("office", "院校")],
                                db_default="",
                                default="",
                                editable=False,
                                max_length=10,
                                verbose_name="哪一方不愿意",
                            ),
                        ),
                        (
                            "firm_statement",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="matching.sidestatement",
                                verbose_name="企业的表示",
                            ),
                        ),
                        (
                            "institution_statement",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="matching.sidestatement",
                                verbose_name="院校的表示",
                            ),
                        ),
                        (
                            "consent_since",
                            models.DateTimeField(editable=False, null=True, verbose_name="从何时起的表示有效"),
                        ),
                        (
                            "intent_since",
                            models.DateTimeField(editable=False, null=True, verbose_name="从何时起的意向有效"),
                        ),
                        (
                            "intent_asked_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="意向待双方确认"),
                        ),
                    ],
                    options={
                        "verbose_name": "对接跟进",
                        "verbose_name_plural": "对接跟进",
                        "ordering": ["-opened_at", "-pk"],
                        "indexes": [
                            models.Index(fields=["status", "next_on"], name="follow_up_by_next_day"),
                            models.Index(fields=["owner", "status"], name="follow_up_by_owner"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("agreed_at__isnull", False),
                                        ("next_on__isnull", False),
                                        ("status__in", ["talks", "intent"]),
                                    ),
                                    models.Q(
                                        ("agreed_at", None), ("next_on", None), ("status__in", ["asking", "withdrawn"])
                                    ),
                                    models.Q(("agreed_at__isnull", False), ("next_on", None), ("status", "deal")),
                                    ("status", "closed"),
                                    _connector="OR",
                                ),
                                name="follow_up_has_next_day_iff_agreed",
                                violation_error_message="跟进中的对接需要下次跟进日期。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("closed_at__isnull", False),
                                        ("status", "closed"),
                                        models.Q(("closed_reason", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(("status", "closed"), _negated=True),
                                        ("closed_at", None),
                                        ("closed_reason", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="follow_up_closed_with_reason",
                                violation_error_message="结束对接必须选择原因。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["talks", "intent", "deal"]), _negated=True),
                                    models.Q(
                                        ("firm_statement__isnull", False), ("institution_statement__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="follow_up_agreed_by_both_sides",
                                violation_error_message="双方都由本单位表示愿意后，才能进入洽谈。",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ConfirmationRequest",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "follow_up",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="requests",
                                to="matching.followup",
                                verbose_name="对接",
                            ),
                        ),
                        (
                            "side",
                            models.CharField(
                                choices=[("firm", "企业"), ("office", "院校")], max_length=10, verbose_name="哪一方"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("other", "对方的表示"),
                                    ("host", "现场记录"),
                                    ("phone", "电话答复"),
                                    ("intent", "跟进人记录的意向"),
                                ],
                                max_length=10,
                                verbose_name="谁的话",
                            ),
                        ),
                        (
                            "stance",
                            models.CharField(
                                choices=[("no", "不合适"), ("willing", "愿意继续谈"), ("intent", "有意向")],
                                max_length=10,
                                verbose_name="说了什么",
                            ),
                        ),
                        ("meeting_key", models.CharField(blank=True, max_length=10, verbose_name="洽谈")),
                        ("met_on", models.DateField(null=True, verbose_name="洽谈日期")),
                        ("token_digest", models.CharField(max_length=64, unique=True)),
                        ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="询问时间")),
                        ("expires_at", models.DateTimeField(verbose_name="链接有效期")),
                        (
                            "relayed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="转交链接的工作人员",
                            ),
                        ),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="答复或作废时间")),
                        (
                            "statement",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="matching.sidestatement",
                                verbose_name="答复",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "待确认的表示",
                        "verbose_name_plural": "待确认的表示",
                        "ordering": ["-asked_at", "-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("follow_up", "side"),
                                name="confirmation_request_one_open_per_side",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SideResponse",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "follow_up",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="responses",
                                to="matching.followup",
                                verbose_name="对接",
                            ),
                        ),
                        (
                            "side",
                            models.CharField(
                                choices=[("firm", "企业"), ("office", "院校")], max_length=10, verbose_name="哪一方"
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("asked", "待答复"),
                                    ("more", "想了解更多"),
                                    ("willing", "愿意"),
                                    ("unwilling", "不愿意"),
                                ],
                                default="asked",
                                editable=False,
                                max_length=10,
                                verbose_name="答复",
                            ),
                        ),
                        ("due_on", models.DateField(verbose_name="答复期限")),
                        (
                            "reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("not_fit", "技术上不合适"),
                                    ("terms", "价格或合作方式不合"),
                                    ("taken", "已有合作对象"),
                                    ("timing", "目前没有时间或预算"),
                                    ("other", "其他原因"),
                                ],
                                editable=False,
                                max_length=10,
                                verbose_name="不愿意的原因",
                            ),
                        ),
                        ("note", models.CharField(blank=True, editable=False, max_length=300, verbose_name="说明")),
                        (
                            "is_reason_shared",
                            models.BooleanField(default=False, editable=False, verbose_name="原因可以告诉对方"),
                        ),
                        (
                            "contact",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.contact",
                                verbose_name="联系人",
                            ),
                        ),
                        (
                            "answered_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="答复人",
                            ),
                        ),
                        ("answered_at", models.DateTimeField(editable=False, null=True, verbose_name="答复时间")),
                        (
                            "answered_in_person",
                            models.BooleanField(
                                db_default=False,
                                default=False,
                                editable=False,
                                help_text="没有因此留下联系人",
                                verbose_name="洽谈时当面答复",
                            ),
                        ),
                        (
                            "spoken_with",
                            models.CharField(
                                blank=True,
                                editable=False,
                                help_text="由工作人员记录的电话答复",
                                max_length=30,
                                verbose_name="电话答复人",
                            ),
                        ),
                        ("reported_at", models.DateTimeField(editable=False, null=True, verbose_name="电话答复时间")),
                        (
                            "reported_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="记录人",
                            ),
                        ),
                        (
                            "reported_contact",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.contact",
                                verbose_name="电话中说的联系人",
                            ),
                        ),
                        ("reminded_at", models.DateTimeField(editable=False, null=True, verbose_name="提醒时间")),
                    ],
                    options={
                        "verbose_name": "对接意愿",
                        "verbose_name_plural": "对接意愿",
                        "ordering": ["follow_up", "side"],
                        "indexes": [models.Index(fields=["status", "due_on"], name="side_response_by_limit")],
                        "constraints": [
                            models.UniqueConstraint(fields=("follow_up", "side"), name="side_response_once_per_side"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("answered_at", None), ("answered_by", None), ("status__in", ["asked", "more"])
                                    ),
                                    models.Q(("answered_at__isnull", False), ("status__in", ["willing", "unwilling"])),
                                    _connector="OR",
                                ),
                                name="side_response_answered_iff_decided",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "unwilling"), models.Q(("reason", ""), _negated=True)),
                                    models.Q(models.Q(("status", "unwilling"), _negated=True), ("reason", "")),
                                    _connector="OR",
                                ),
                                name="side_response_refused_with_reason",
                                violation_error_message="不愿意对接时请选择原因。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("contact__isnull", False), ("status", "willing")),
                                    models.Q(("answered_in_person", True), ("status", "willing")),
                                    models.Q(models.Q(("status", "willing"), _negated=True), ("contact", None)),
                                    _connector="OR",
                                ),
                                name="side_response_names_a_contact",
                                violation_error_message="愿意对接时请选择联系人。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("reported_at", None), ("reported_by", None), ("reported_contact", None)),
                                    models.Q(
                                        ("reported_at__isnull", False),
                                        ("reported_by__isnull", False),
                                        ("status__in", ["asked", "more"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="side_response_report_waits_for_the_side",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Inquiry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "response",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="inquiries",
                                to="matching.sideresponse",
                                verbose_name="对接意愿",
                            ),
                        ),
                        ("text", models.CharField(max_length=500, verbose_name="想了解什么")),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提问人",
                            ),
                        ),
                        ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="提问时间")),
                        ("reply", models.CharField(blank=True, editable=False, max_length=1000, verbose_name="答复")),
                        (
                            "replied_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="答复人",
                            ),
                        ),
                        ("replied_at", models.DateTimeField(editable=False, null=True, verbose_name="答复时间")),
                    ],
                    options={
                        "verbose_name": "对接咨询",
                        "verbose_name_plural": "对接咨询",
                        "ordering": ["asked_at", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("replied_at", None)),
                                fields=("response",),
                                name="inquiry_one_open_per_side",
                                violation_error_message="上一个问题还在等答复。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("replied_at", None), ("replied_by", None), ("reply", "")),
                                    models.Q(
                                        models.Q(("reply", ""), _negated=True),
                                        ("replied_at__isnull", False),
                                        ("replied_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="inquiry_replied_iff_text",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FollowUpStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "follow_up",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="matching.followup",
                                verbose_name="对接",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("asking", "征询双方意愿"),
                                    ("talks", "洽谈中"),
                                    ("intent", "已达意向"),
                                    ("deal", "已转入成交"),
                                    ("closed", "已结束"),
                                    ("withdrawn", "已撤回"),
                                ],
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=1000, verbose_name="进展")),
                        ("next_on", models.DateField(null=True, verbose_name="下次跟进日期")),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="记录人",
                            ),
                        ),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                    ],
                    options={
                        "verbose_name": "跟进记录",
                        "verbose_name_plural": "跟进记录",
                        "ordering": ["-made_at", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="FollowUpCheck",
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
                            "code",
                            models.CharField(
                                default=core.public_id.new_public_id, editable=False, max_length=10, unique=True
                            ),
                        ),
                        (
                            "follow_up",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="checks",
                                to="matching.followup",
                                verbose_name="对接",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("30", "30 天"), ("60", "60 天"), ("90", "90 天")],
                                max_length=2,
                                verbose_name="时点",
                            ),
                        ),
                        ("met_on", models.DateField(verbose_name="洽谈日期")),
                        ("due_on", models.DateField(verbose_name="回访日期")),
                        ("sent_at", models.DateTimeField(editable=False, null=True, verbose_name="发出时间")),
                        ("reminded_at", models.DateTimeField(editable=False, null=True, verbose_name="提醒时间")),
                        (
                            "answer",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("progress", "有进展"),
                                    ("going_on", "继续谈"),
                                    ("signed", "已签约"),
                                    ("none", "没有进展"),
                                ],
                                max_length=10,
                                verbose_name="答复",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("terms", "价格或合作方式没有谈拢"),
                                    ("not_fit", "样品或指标达不到要求"),
                                    ("means", "目前没有资金或时间"),
                                    ("taken", "已选用其他方案"),
                                    ("silent", "对方没有回应"),
                                    ("other", "其他原因"),
                                ],
                                max_length=10,
                                verbose_name="没有进展的原因",
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        ("next_on", models.DateField(blank=True, null=True, verbose_name="下次联系日期")),
                        ("answered_at", models.DateTimeField(editable=False, null=True, verbose_name="答复时间")),
                        (
                            "answered_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="记录人",
                            ),
                        ),
                        ("dropped_at", models.DateTimeField(editable=False, null=True, verbose_name="作废时间")),
                    ],
                    options={
                        "verbose_name": "会后回访",
                        "verbose_name_plural": "会后回访",
                        "ordering": ["due_on", "pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("answered_at", None), ("dropped_at", None)),
                                fields=["due_on"],
                                name="check_open_by_day",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("follow_up", "met_on", "kind"), name="check_once_per_talk"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("answer", ""), ("answered_at", None)),
                                    models.Q(models.Q(("answer", ""), _negated=True), ("answered_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="check_answered_iff_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("answer", "none"), models.Q(("reason", ""), _negated=True)),
                                    models.Q(models.Q(("answer", "none"), _negated=True), ("reason", "")),
                                    _connector="OR",
                                ),
                                name="check_without_progress_has_reason",
                                violation_error_message="没有进展时请选择原因。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("due_on__gt", models.F("met_on"))),
                                name="check_comes_after_the_talk",
                            ),
                        ],
                    },
                    bases=(core.plain_text.PlainText, models.Model),
                ),
                migrations.CreateModel(
                    name="Learned",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("levels", "级别校准"), ("ranker", "学习排序")],
                                max_length=10,
                                verbose_name="内容",
                            ),
                        ),
                        ("engine", models.CharField(max_length=40, verbose_name="基础方法")),
                        ("parameters", models.JSONField(default=dict, verbose_name="参数")),
                        ("checksum", models.CharField(max_length=64)),
                        ("figures", models.JSONField(default=dict, verbose_name="检验结果")),
                        ("decisions", models.PositiveIntegerField(verbose_name="依据的决定数")),
                        ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="学习时间")),
                        ("is_winner", models.BooleanField(default=False, verbose_name="优于基础方法")),
                        ("is_in_force", models.BooleanField(default=False, verbose_name="正在使用")),
                        ("switched_at", models.DateTimeField(null=True, verbose_name="切换时间")),
                        (
                            "switched_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="切换人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "学习结果",
                        "verbose_name_plural": "学习结果",
                        "ordering": ["-made_at", "-pk"],
                        "permissions": [("switch_ranker", "Can switch the learned ranker on and off")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("is_in_force", True)),
                                fields=("kind", "engine"),
                                name="learned_one_in_force",
                                violation_error_message="已有一个正在使用的学习结果。",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LiftedEffect",
                    fields=[
                        (
                            "decision",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="lifted",
                                serialize=False,
                                to="matching.decision",
                                verbose_name="审核决定",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="解除人",
                            ),
                        ),
                        ("at", models.DateTimeField(auto_now_add=True, verbose_name="解除时间")),
                        ("reason", models.CharField(max_length=200, verbose_name="理由")),
                    ],
                    options={
                        "verbose_name": "已解除的影响",
                        "verbose_name_plural": "已解除的影响",
                    },
                ),
                migrations.CreateModel(
                    name="MatchedAchievement",
                    fields=[
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="matching.matchrun",
                                verbose_name="匹配批次",
                            ),
                        ),
                        ("content_hash", models.CharField(max_length=64, verbose_name="内容")),
                        ("seen_at", models.DateTimeField(verbose_name="所见版本")),
                        (
                            "item",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="matched",
                                serialize=False,
                                to="achievements.achievement",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "已匹配的成果",
                        "verbose_name_plural": "已匹配的成果",
                    },
                ),
                migrations.CreateModel(
                    name="MatchedDemand",
                    fields=[
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="matching.matchrun",
                                verbose_name="匹配批次",
                            ),
                        ),
                        ("content_hash", models.CharField(max_length=64, verbose_name="内容")),
                        ("seen_at", models.DateTimeField(verbose_name="所见版本")),
                        (
                            "item",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="matched",
                                serialize=False,
                                to="demands.demand",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "已匹配的需求",
                        "verbose_name_plural": "已匹配的需求",
                    },
                ),
                migrations.CreateModel(
                    name="ReaderAnswer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(editable=False, max_length=64, unique=True)),
                        ("model", models.CharField(max_length=100, verbose_name="模型")),
                        ("answer", models.JSONField(default=dict, verbose_name="答案")),
                        ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                    ],
                    options={
                        "verbose_name": "第二读者的答案",
                        "verbose_name_plural": "第二读者的答案",
                    },
                ),
                migrations.CreateModel(
                    name="PageQuestion",
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
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="用户",
                            ),
                        ),
                        (
                            "asked_at",
                            models.DateTimeField(db_index=True, default=django.utils.timezone.now, verbose_name="时间"),
                        ),
                    ],
                    options={
                        "verbose_name": "页面向语言模型的提问",
                        "verbose_name_plural": "页面向语言模型的提问",
                    },
                ),
                migrations.CreateModel(
                    name="RunReading",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "run",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="reading",
                                to="matching.matchrun",
                                verbose_name="匹配批次",
                            ),
                        ),
                        ("model", models.CharField(max_length=100, verbose_name="模型")),
                        ("prompt", models.CharField(max_length=16, verbose_name="提示词版本")),
                        ("max_requests", models.PositiveIntegerField(verbose_name="最多提问次数")),
                        ("max_minutes", models.PositiveIntegerField(verbose_name="最长时间（分钟）")),
                        ("started_at", models.DateTimeField(null=True, verbose_name="开始时间")),
                        (
                            "stopped",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("budget", "问题数已用完"),
                                    ("deadline", "超过时限"),
                                    ("broken", "模型服务不可用"),
                                    ("unconfigured", "没有配置模型服务"),
                                ],
                                default="",
                                max_length=20,
                                verbose_name="中止原因",
                            ),
                        ),
                        (
                            "fruitless",
                            models.PositiveSmallIntegerField(default=0, verbose_name="连续没有合格答案的任务数"),
                        ),
                        ("requests", models.PositiveIntegerField(default=0, verbose_name="提问次数")),
                        ("prompt_tokens", models.PositiveBigIntegerField(default=0, verbose_name="输入 token")),
                        ("completion_tokens", models.PositiveBigIntegerField(default=0, verbose_name="输出 token")),
                        ("statements", models.PositiveIntegerField(default=0, verbose_name="陈述数")),
                        ("void", models.PositiveIntegerField(default=0, verbose_name="引文不符的陈述数")),
                    ],
                    options={
                        "verbose_name": "批次的第二读者",
                        "verbose_name_plural": "批次的第二读者",
                    },
                ),
                migrations.CreateModel(
                    name="DemandReading",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="demand_readings",
                                to="matching.matchrun",
                                verbose_name="匹配批次",
                            ),
                        ),
                        (
                            "demand",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="demands.demand",
                                verbose_name="需求",
                            ),
                        ),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[("read", "已读"), ("engine", "内置匹配")],
                                default="",
                                max_length=10,
                                verbose_name="结论来自",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("budget", "问题数已用完"),
                                    ("deadline", "超过时限"),
                                    ("broken", "模型服务不可用"),
                                    ("unconfigured", "没有配置模型服务"),
                                    ("fault", "模型没有答复"),
                                    ("answer", "模型的答案不合要求"),
                                ],
                                default="",
                                max_length=20,
                                verbose_name="没有读完的原因",
                            ),
                        ),
                        ("finished_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                    ],
                    options={
                        "verbose_name": "需求的阅读",
                        "verbose_name_plural": "需求的阅读",
                        "constraints": [
                            models.UniqueConstraint(fields=("run", "demand"), name="demand_reading_once_per_run"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("finished_at", None), ("outcome", "")),
                                    models.Q(models.Q(("outcome", ""), _negated=True), ("finished_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="demand_reading_finished_iff_outcome",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("outcome", "engine"), models.Q(("reason", ""), _negated=True)),
                                    models.Q(models.Q(("outcome", "engine"), _negated=True), ("reason", "")),
                                    _connector="OR",
                                ),
                                name="demand_reading_reason_iff_engine",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PairReading",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="pair_readings",
                                to="matching.matchrun",
                                verbose_name="匹配批次",
                            ),
                        ),
                        (
                            "demand",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="demands.demand",
                                verbose_name="需求",
                            ),
                        ),
                        (
                            "achievement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="achievements.achievement",
                                verbose_name="成果",
                            ),
                        ),
                        ("grade", models.PositiveSmallIntegerField(verbose_name="评分")),
                        ("statements", models.JSONField(default=list, verbose_name="陈述")),
                        ("void", models.PositiveSmallIntegerField(default=0, verbose_name="引文不符")),
                        ("model", models.CharField(max_length=100, verbose_name="模型")),
                        ("prompt", models.CharField(max_length=16, verbose_name="提示词版本")),
                        ("read_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="阅读时间")),
                    ],
                    options={
                        "verbose_name": "配对的阅读",
                        "verbose_name_plural": "配对的阅读",
                        "indexes": [
                            models.Index(fields=["demand", "achievement", "-read_at"], name="pair_reading_latest")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("run", "demand", "achievement"), name="pair_reading_once_per_run"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("grade__lte", 3)), name="pair_reading_grade_0_to_3"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SideFeedback",
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
                            "achievement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="side_feedback",
                                to="achievements.achievement",
                                verbose_name="成果",
                            ),
                        ),
                        (
                            "demand",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="side_feedback",
                                to="demands.demand",
                                verbose_name="需求",
                            ),
                        ),
                        (
                            "side",
                            models.CharField(
                                choices=[("firm", "企业"), ("office", "院校")], max_length=10, verbose_name="哪一方"
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                choices=matching.models.match.reject_reasons, max_length=20, verbose_name="原因"
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="反馈人",
                            ),
                        ),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                        ("ended_at", models.DateTimeField(editable=False, null=True, verbose_name="失效时间")),
                        (
                            "ended_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="撤回或解除人",
                            ),
                        ),
                        (
                            "end_reason",
                            models.CharField(blank=True, editable=False, max_length=200, verbose_name="解除理由"),
                        ),
                    ],
                    options={
                        "verbose_name": "不适合的反馈",
                        "verbose_name_plural": "不适合的反馈",
                        "ordering": ["-made_at", "-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("achievement", "demand", "side"),
                                name="side_feedback_one_in_force",
                                violation_error_message="已经反馈过不适合；如需更改，请先撤回。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_at", None), ("ended_by", None)),
                                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="side_feedback_ended_iff_by",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("reason", "other"), _negated=True),
                                    models.Q(("note", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="side_feedback_other_is_explained",
                                violation_error_message="选“其他原因”时，请用一句话说明。",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SimilarAchievement",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("place", models.PositiveSmallIntegerField(verbose_name="名次")),
                        ("score", models.FloatField(verbose_name="相似度")),
                        ("made_at", models.DateTimeField(verbose_name="计算时间")),
                        (
                            "item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="similar",
                                to="achievements.achievement",
                            ),
                        ),
                        (
                            "other",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="similar_to",
                                to="achievements.achievement",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "相似成果",
                        "verbose_name_plural": "相似成果",
                        "constraints": [
                            models.UniqueConstraint(fields=("item", "place"), name="similar_achievement_once_per_place")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SimilarDemand",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("place", models.PositiveSmallIntegerField(verbose_name="名次")),
                        ("score", models.FloatField(verbose_name="相似度")),
                        ("made_at", models.DateTimeField(verbose_name="计算时间")),
                        (
                            "item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="similar", to="demands.demand"
                            ),
                        ),
                        (
                            "other",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="similar_to",
                                to="demands.demand",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "相似需求",
                        "verbose_name_plural": "相似需求",
                        "constraints": [
                            models.UniqueConstraint(fields=("item", "place"), name="similar_demand_once_per_place")
                        ],
                    },
                ),
            ]
        ),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
        migrations.RunSQL(CREATE_TRIGGERS, DROP_TRIGGERS),
    ]
