"""Notices in a user's list, and the mails and pushes sent for them."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from core.masking import mask_email
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of
from notices.texts.declared import text_of_key


class NoticeKind(models.TextChoices):
    """The kinds of notices. A user chooses which of them are mailed."""

    ACCEPTED = "accepted", "匹配已采纳，请答复是否愿意对接"
    REMINDER = "reminder", "答复期限将到"
    QUESTION = "question", "有问题等您答复"
    ANSWER = "answer", "您的问题有了答复"
    SIDES = "sides", "双方意愿和对接结果"
    HANDED = "handed", "交给您的匹配和对接"
    COMPLETER = "completer", "完成人对问题的答复"
    BROKER = "broker", "技术经纪人委托"
    PROPOSALS = "proposals", "新推荐"
    WORK = "work", "工作机制交办和到期提醒"
    BASE = "base", "中试和验证申请"
    OBSTACLE = "obstacle", "堵点的提出、交办和答复"
    INVITED = "invited", "对接活动邀请"
    GUESTS = "guests", "参会答复和会前准备"
    CHECK = "check", "会后回访"
    MEETINGS = "meetings", "洽谈日程和变动"
    SECURITY = "security", "账号安全"
    MEMBERS = "members", "单位成员和加入申请"
    PERSONAL = "personal", "个人信息请求"
    CONFIRM = "confirm", "请贵单位确认的记录"
    APPROACH = "approach", "询问和应答（主动对接）"
    SUBSCRIBED = "subscribed", "订阅的新成果和新需求"
    PROGRESS = "progress", "需求和成果的进展"
    SUBSIDY = "subsidy", "专项资金申报"
    CHALLENGE = "challenge", "揭榜挂帅"


MAIL_DELAY = timedelta(minutes=15)
MAIL_MAX_AGE = timedelta(days=7)


class NoticeQuerySet(models.QuerySet["Notice"]):
    def active(self) -> Self:
        """Not withdrawn."""
        return self.filter(withdrawn_at=None)

    def unread(self) -> Self:
        return self.active().filter(read_at=None)

    def for_user(self, user: User) -> Self:
        """The user's own notices. No role sees those of others."""
        return self.active().filter(recipient=user.pk)

    def awaiting_mail(self) -> Self:
        """Unread, not mailed yet, and older than the time within which a decision can be undone."""
        now = timezone.now()
        return self.unread().filter(mail=None, made_at__lte=now - MAIL_DELAY, made_at__gte=now - MAIL_MAX_AGE)


class Notice(models.Model):
    """One line of text for one user, written in the transaction of the change it announces.

    key: identifies the notice among those of its recipient, so that it is stored once. about: the object it belongs
    to, by which it is withdrawn. The text names an anonymous firm by its public name for every recipient.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices", verbose_name="收件人"
    )
    kind = models.CharField("类别", max_length=10, choices=NoticeKind)
    text = models.CharField("内容", max_length=400)
    path = models.CharField("页面", max_length=200)
    about = models.CharField("事由", max_length=60, db_index=True)
    key = models.CharField(max_length=120)
    made_at = models.DateTimeField("时间", default=timezone.now)
    read_at = models.DateTimeField("阅读时间", null=True, editable=False)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, editable=False)
    mail = models.ForeignKey(
        "Delivery", models.PROTECT, null=True, editable=False, related_name="notices", verbose_name="邮件"
    )

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "消息"
        verbose_name_plural = "消息"
        ordering = ["-made_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["recipient", "key"], name="notice_once_per_person")]
        indexes = [
            models.Index(
                fields=["recipient"], name="notice_unread", condition=Q(read_at__isnull=True, withdrawn_at__isnull=True)
            ),
            models.Index(fields=["recipient", "-made_at"], name="notice_by_person"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Preference(models.Model):
    """The kinds a user does not want by mail. A user without a row receives all kinds."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    no_mail = models.BooleanField("不接收邮件", default=False)
    muted = ArrayField(models.CharField(max_length=10, choices=NoticeKind), default=list, verbose_name="不接收的类别")

    class Meta:
        verbose_name = "消息设置"
        verbose_name_plural = "消息设置"

    def __str__(self) -> str:
        return str(self.user_id)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self) -> Self:
        """Queued, and not waiting for a later attempt. The first one waits for nothing, whatever a clock has noted."""
        return self.filter(Q(attempts=0) | Q(try_after__lte=Now()), status=Delivery.Status.QUEUED)

    def visible_to(self, user: User) -> Self:
        scope = scope_of(user)
        return self if scope.sees_all or scope.is_sysadmin else self.none()


class Delivery(models.Model):
    """One mail or push: a digest, a notice sent to the gateway, or a single mail to an address without a user account.

    The row is written before it is sent (transactional outbox).
    """

    class Channel(models.TextChoices):
        MAIL = "mail", "邮件"
        GATEWAY = "gateway", "短信 / 企业微信网关"
        SINGLE_MAIL = "letter", "单封邮件"

    class Status(models.TextChoices):
        QUEUED = "queued", "待发送"
        SENT = "sent", "已发送"
        FAILED = "failed", "发送失败"
        DROPPED = "dropped", "不再发送"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    channel = models.CharField("渠道", max_length=10, choices=Channel)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="收件人"
    )
    address = models.CharField("地址", max_length=254, blank=True, editable=False)
    day = models.DateField("日期", default=timezone.localdate)
    subject = models.CharField("标题", max_length=200)
    body = models.TextField("正文")
    unsubscribe_url = models.URLField("退订地址", blank=True, default="", db_default="", editable=False)
    """Of a single mail that its recipient may stop with one click (RFC 8058)."""
    notice = models.OneToOneField(Notice, models.PROTECT, null=True, editable=False, related_name="push")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.QUEUED, editable=False)
    made_at = models.DateTimeField("生成时间", default=timezone.now)
    try_after = models.DateTimeField("下次尝试", default=timezone.now)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0, editable=False)
    error = models.CharField("最近一次错误", max_length=300, blank=True, editable=False)
    sent_at = models.DateTimeField("发送时间", null=True, editable=False)
    delivered_at = models.DateTimeField("送达时间", null=True, editable=False)
    """When the gateway reported that it reached the recipient; mail servers report no such thing."""
    resends = models.PositiveSmallIntegerField("人工重发", default=0, db_default=0, editable=False)
    """How often a person sent it again. Part of its message id: a gateway ignores an id that it has seen."""

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = "发出的消息"
        verbose_name_plural = "发出的消息"
        ordering = ["-made_at", "-pk"]
        permissions = [("resend_delivery", "Can send a failed delivery again")]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "day"], condition=Q(channel="mail"), name="delivery_one_mail_a_day"
            ),
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False) | (~Q(status="sent") & Q(sent_at=None)),
                name="delivery_sent_iff_time",
            ),
            models.CheckConstraint(
                condition=Q(delivered_at=None) | Q(status="sent", channel="gateway"),
                name="delivery_delivered_was_sent",
            ),
            models.CheckConstraint(
                condition=Q(channel="gateway", notice__isnull=False) | Q(channel__in=["mail", "letter"], notice=None),
                name="delivery_gateway_carries_one_notice",
            ),
            models.CheckConstraint(
                condition=Q(channel="letter", recipient=None) & ~Q(address="")
                | ~Q(channel="letter") & Q(recipient__isnull=False),
                name="delivery_letter_has_an_address_alone",
            ),
        ]
        indexes = [
            models.Index(fields=["try_after"], name="delivery_due", condition=Q(status="queued")),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def masked_address(self) -> str:
        return self.address if self.channel == self.Channel.GATEWAY else mask_email(self.address)

    @property
    def message_id(self) -> str:
        """By which a receiver recognises a message that comes twice, and which its receipt names."""
        return f"{self.public_id}-{self.resends}" if self.resends else self.public_id

    @property
    def state_text(self) -> str:
        return "已送达" if self.delivered_at else self.get_status_display()


class CityTextQuerySet(models.QuerySet["CityText"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self if scope_of(user).sees_all else self.none()


class CityText(PlainText, models.Model):
    """A version of a text that the city sends, worded for the whole city. Rows are added, never changed.

    key: of the `SentText` that it words (`notices.texts.declared`).
    """

    key = models.CharField("文字", max_length=40)
    number = models.PositiveSmallIntegerField("版本")
    subject = models.CharField("标题", max_length=100, blank=True)
    body = models.TextField("正文", max_length=3000, blank=True)
    line = models.CharField("短信和平台消息", max_length=200, blank=True)
    is_reset = models.BooleanField("恢复平台自带的文字", default=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="更改人"
    )
    made_at = models.DateTimeField("更改时间", default=timezone.now, editable=False)

    objects = CityTextQuerySet.as_manager()

    class Meta:
        verbose_name = "全市的文字"
        verbose_name_plural = "全市的文字"
        ordering = ["key", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "number"],
                name="city_text_version_once",
                violation_error_message="这段文字刚由别人改过，请刷新后再改。",
            ),
            models.CheckConstraint(
                condition=Q(is_reset=True, body="") | Q(is_reset=False) & ~Q(body=""),
                name="city_text_has_body_or_resets",
                violation_error_message="正文不能为空。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} 第 {self.number} 版"

    @property
    def name(self) -> str:
        try:
            return text_of_key(self.key).name
        except KeyError:  # a text of an earlier release
            return self.key
