import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.plain_text
import core.public_id
import core.public_text


class Migration(migrations.Migration):
    dependencies = [
        ("achievements", "0002_attachment_kinds"),
        ("members", "0002_delegations"),
        ("portfolio", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DelegatedItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "given_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="授权时间"),
                ),
                (
                    "achievement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="delegated_items",
                        to="achievements.achievement",
                        verbose_name="成果",
                    ),
                ),
                (
                    "delegation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="members.delegation",
                        verbose_name="成果授权",
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="授权人",
                    ),
                ),
            ],
            options={
                "verbose_name": "授权的成果",
                "verbose_name_plural": "授权的成果",
                "constraints": [
                    models.UniqueConstraint(fields=("delegation", "achievement"), name="delegated_item_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ItemProposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                ("before", models.JSONField(default=dict, editable=False, verbose_name="原来的内容")),
                ("after", models.JSONField(default=dict, editable=False, verbose_name="修改后的内容")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "待审核"),
                            ("accepted", "已批准"),
                            ("returned", "已退回"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="pending",
                        editable=False,
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("proposed_at", models.DateTimeField(auto_now_add=True, verbose_name="提交时间")),
                ("decided_at", models.DateTimeField(editable=False, null=True, verbose_name="处理时间")),
                ("reason", models.CharField(blank=True, editable=False, max_length=300, verbose_name="退回原因")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                ("accepted", models.JSONField(default=list, editable=False, verbose_name="采纳的栏目")),
                (
                    "achievement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposals",
                        to="achievements.achievement",
                        verbose_name="成果",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="处理人",
                    ),
                ),
                (
                    "delegation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="members.delegation",
                        verbose_name="成果授权",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提交人",
                    ),
                ),
            ],
            options={
                "verbose_name": "修改建议",
                "verbose_name_plural": "修改建议",
                "ordering": ["-proposed_at", "-pk"],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "pending")),
                        fields=("achievement", "proposed_by"),
                        name="item_proposal_pending_once",
                        violation_error_message="您刚刚已经提交过一份修改建议，请刷新页面。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decided_by", None), ("status", "pending")),
                            models.Q(
                                models.Q(("status", "pending"), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="item_proposal_decided_iff_by_and_at",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "returned"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="item_proposal_returned_with_reason",
                        violation_error_message="不采纳须写明原因。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accepted", []), models.Q(("status", "accepted"), _negated=True)),
                            models.Q(("status", "accepted"), models.Q(("accepted", []), _negated=True)),
                            _connector="OR",
                        ),
                        name="item_proposal_accepted_iff_fields",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("after", {}), _negated=True), name="item_proposal_changes"
                    ),
                ],
            },
            bases=(core.plain_text.PlainText, models.Model),
        ),
        migrations.CreateModel(
            name="Picture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="顺序")),
                ("caption", models.CharField(blank=True, max_length=100, verbose_name="说明")),
                ("alt", models.CharField(blank=True, max_length=120, verbose_name="替代文字")),
                (
                    "status",
                    models.CharField(
                        choices=[("waiting", "正在处理"), ("ready", "可以显示"), ("failed", "处理不了")],
                        default="waiting",
                        editable=False,
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("name", models.CharField(editable=False, max_length=200, verbose_name="文件名")),
                ("sha256", models.CharField(editable=False, max_length=64)),
                ("source", models.FileField(blank=True, editable=False, max_length=200, upload_to="pictures/%Y/%m/")),
                ("small", models.FileField(blank=True, editable=False, max_length=200, upload_to="pictures/%Y/%m/")),
                ("medium", models.FileField(blank=True, editable=False, max_length=200, upload_to="pictures/%Y/%m/")),
                ("large", models.FileField(blank=True, editable=False, max_length=200, upload_to="pictures/%Y/%m/")),
                ("width", models.PositiveIntegerField(editable=False, null=True)),
                ("height", models.PositiveIntegerField(editable=False, null=True)),
                (
                    "uploaded_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="上传时间"),
                ),
                ("removed_at", models.DateTimeField(editable=False, null=True, verbose_name="移除时间")),
                (
                    "achievement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pictures",
                        to="achievements.achievement",
                        verbose_name="成果",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="上传人",
                    ),
                ),
            ],
            options={
                "verbose_name": "成果图片",
                "verbose_name_plural": "成果图片",
                "ordering": ["position", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at", None)),
                        fields=("achievement", "sha256"),
                        name="picture_once",
                        violation_error_message="这张图片已经上传过了。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "ready"), _negated=True),
                            models.Q(("height__gt", 0), ("width__gt", 0)),
                            _connector="OR",
                        ),
                        name="picture_ready_with_size",
                    ),
                ],
            },
            bases=(core.public_text.PublicText, models.Model),
        ),
        migrations.CreateModel(
            name="Video",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=core.public_id.new_public_id, editable=False, max_length=10, unique=True),
                ),
                ("title", models.CharField(max_length=60, verbose_name="标题")),
                ("file", models.FileField(blank=True, editable=False, max_length=200, upload_to="videos/%Y/%m/")),
                ("size", models.PositiveBigIntegerField(default=0, editable=False, verbose_name="大小（字节）")),
                ("link", models.URLField(blank=True, max_length=300, verbose_name="链接")),
                (
                    "uploaded_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="上传时间"),
                ),
                ("removed_at", models.DateTimeField(editable=False, null=True, verbose_name="移除时间")),
                (
                    "achievement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="videos",
                        to="achievements.achievement",
                        verbose_name="成果",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="上传人",
                    ),
                ),
            ],
            options={
                "verbose_name": "成果视频",
                "verbose_name_plural": "成果视频",
                "ordering": ["uploaded_at", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("link", ""), models.Q(("file", ""), _negated=True)),
                            models.Q(models.Q(("link", ""), _negated=True), ("file", "")),
                            _connector="OR",
                        ),
                        name="video_file_or_link",
                        violation_error_message="请上传 MP4 文件，或填写视频链接，二选一。",
                    )
                ],
            },
            bases=(core.public_text.PublicText, models.Model),
        ),
    ]
