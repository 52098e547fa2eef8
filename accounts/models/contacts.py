"""Contact persons of organisations, to whom they are shown, and withdrawn consents."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models.organisations import Organisation
from core.masking import mask_email, mask_name, mask_phone
from core.scope import scope_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models.organisations import User


ERASED_NAME = "已删除"
"""Stands where the name of a person was whose data is deleted at the person's request."""


WITHDRAWN_NAME = "联系人已撤回同意"


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Contacts of the organisations that the user may see."""
        return self.filter(organisation__in=Organisation.objects.visible_to(user))

    def selectable(self) -> Self:
        """Contacts that can be named anew: not those who have withdrawn the consent or had their data deleted."""
        return self.filter(withdrawn_at=None)


class Contact(models.Model):
    """Contact details of a person. Pages show them masked; `services.contacts.reveal_contact` shows them in full."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="contacts", verbose_name="单位")
    name = models.CharField("联系人", max_length=30)
    phone = models.CharField("联系电话", max_length=30, blank=True)
    email = models.EmailField("邮箱", blank=True)
    consented_at = models.DateTimeField(
        "同意对接使用的时间", null=True, blank=True, help_text="没有同意就不能向任何一方出示"
    )

    withdrawn_at = models.DateTimeField("撤回同意的时间", null=True, editable=False)
    """The person has withdrawn the consent or had the data deleted: not even masked details are shown."""

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = "联系人"
        verbose_name_plural = "联系人"

    def __str__(self) -> str:
        return self.masked_name

    @property
    def masked_name(self) -> str:
        return WITHDRAWN_NAME if self.withdrawn_at else mask_name(self.name)

    @property
    def masked_phone(self) -> str:
        return "" if self.withdrawn_at else mask_phone(self.phone)

    @property
    def masked_email(self) -> str:
        return "" if self.withdrawn_at else mask_email(self.email)


class ContactShareQuerySet(models.QuerySet["ContactShare"]):
    def open_to(self, user: "User | AnonymousUser") -> Self:
        """Shares that currently let the user see a contact."""
        scope = scope_of(user)
        recipient = Q(user=scope.user_id) | Q(organisation__in=scope.institution_ids | scope.firm_ids)
        return self.filter(recipient, ended_at=None)


class ContactShare(models.Model):
    """Consent of a person that one organisation or user gets the contact in one matter (个人信息保护法 art. 23)."""

    contact = models.ForeignKey(Contact, models.PROTECT, related_name="shares", verbose_name="联系人")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    about = models.CharField("事由", max_length=40, db_index=True)
    shared_at = models.DateTimeField("同意时间", auto_now_add=True)
    ended_at = models.DateTimeField("终止时间", null=True, editable=False)

    objects = ContactShareQuerySet.as_manager()

    class Meta:
        verbose_name = "联系方式授权"
        verbose_name_plural = "联系方式授权"
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=True, user__isnull=False)
                | Q(organisation__isnull=False, user__isnull=True),
                name="contact_share_has_one_recipient",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact} → {self.organisation or self.user}"


class ConsentWithdrawal(models.Model):
    """A person withdrew the consent to be named or shown by this organisation, or had the data deleted.

    A form or sheet of the organisation that names the person again does not bring the consent back. The person is kept
    as a keyed hash of name, telephone or mail address (services/withdrawals.py), because the data itself may be gone.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="单位")
    fingerprint = models.CharField(max_length=64)
    withdrawn_at = models.DateTimeField("撤回时间", auto_now_add=True)

    class Meta:
        verbose_name = "撤回的同意"
        verbose_name_plural = "撤回的同意"
        constraints = [models.UniqueConstraint(fields=["organisation", "fingerprint"], name="consent_withdrawn_once")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.withdrawn_at:%Y-%m-%d}"
