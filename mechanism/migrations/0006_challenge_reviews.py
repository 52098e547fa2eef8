"""Review of the bids of a challenge (揭榜挂帅) by experts; its rows are sources of figures."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import core.plain_text
import core.public_id
from core.roles import grant

SOURCES = ("challenges_bid", "challenges_challenge", "challenges_submission")
WATCHED = "".join(
    f"""
CREATE TRIGGER figure_source_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION mechanism_source_changed();
"""
    for table in SOURCES
)
UNWATCHED = "".join(f"DROP TRIGGER figure_source_changed ON {table};\n" for table in SOURCES)


def grant_permissions(apps, schema_editor):
    seen = ["view_challengereview"]
    grant(apps, "mechanism", {"city_officer": seen, "auditor": seen})


class Migration(migrations.Migration):
    dependencies = [
        ("challenges", "0001_initial"),
        ("mechanism", "0005_honour_work_record"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChallengeReview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                ("due_on", models.DateField(verbose_name="评审期限")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("asked", "待评审"),
                            ("given", "已评审"),
                            ("recused", "已回避"),
                            ("released", "已撤销邀请"),
                        ],
                        default="asked",
                        editable=False,
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("declared_at", models.DateTimeField(editable=False, null=True, verbose_name="声明没有关联的时间")),
                (
                    "reason",
                    models.CharField(blank=True, editable=False, max_length=300, verbose_name="回避或撤销的原因"),
                ),
                ("answered_at", models.DateTimeField(editable=False, null=True, verbose_name="答复时间")),
                (
                    "challenge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="challenges.challenge",
                        verbose_name="榜单",
                    ),
                ),
                (
                    "expert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="challenge_reviews",
                        to="mechanism.expert",
                        verbose_name="评审专家",
                    ),
                ),
            ],
            options={
                "verbose_name": "揭榜评审",
                "verbose_name_plural": "揭榜评审",
                "ordering": ["challenge", "pk"],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.CreateModel(
            name="BidScore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "industry",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="产业带动作用",
                    ),
                ),
                (
                    "basis",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="研究基础",
                    ),
                ),
                (
                    "technology",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="技术指标",
                    ),
                ),
                (
                    "finance",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="财务指标",
                    ),
                ),
                ("comment", models.TextField(max_length=1000, verbose_name="意见")),
                (
                    "bid",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scores",
                        to="challenges.bid",
                        verbose_name="揭榜方案",
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scores",
                        to="mechanism.challengereview",
                        verbose_name="揭榜评审",
                    ),
                ),
            ],
            options={
                "verbose_name": "揭榜方案得分",
                "verbose_name_plural": "揭榜方案得分",
                "ordering": ["review", "bid"],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.AddConstraint(
            model_name="challengereview",
            constraint=models.UniqueConstraint(
                fields=("challenge", "expert"),
                name="challenge_review_once_per_expert",
                violation_error_message="已邀请过这位专家。",
            ),
        ),
        migrations.AddConstraint(
            model_name="challengereview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at__isnull", False), ("declared_at__isnull", False), ("status", "given")),
                    models.Q(("status", "given"), _negated=True),
                    _connector="OR",
                ),
                name="challenge_review_given_after_declaration",
                violation_error_message="请先声明没有关联。",
            ),
        ),
        migrations.AddConstraint(
            model_name="challengereview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["recused", "released"]), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="challenge_review_recused_with_reason",
                violation_error_message="请写明回避的原因。",
            ),
        ),
        migrations.AddConstraint(
            model_name="bidscore",
            constraint=models.UniqueConstraint(fields=("review", "bid"), name="bid_score_once_per_expert"),
        ),
        migrations.AddConstraint(
            model_name="bidscore",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("basis__lte", 100),
                    ("finance__lte", 100),
                    ("industry__lte", 100),
                    ("technology__lte", 100),
                    models.Q(("comment", ""), _negated=True),
                ),
                name="bid_score_within_a_hundred_with_comment",
                violation_error_message="四项各 0 到 100 分，并写明意见。",
            ),
        ),
        migrations.RunSQL(WATCHED, UNWATCHED),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
