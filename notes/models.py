"""Private notes of an organisation about a talk, an achievement or a demand. Nobody else reads them, nor do staff."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation, User
from achievements.models import Achievement
from core.public_id import new_public_id
from core.removal import RemovableQuerySet
from core.scope import Scope, scope_of
from demands.models import Demand
from matching.models import FollowUp

NOTE_LENGTH = 2000
type Subject = FollowUp | Achievement | Demand


def writing_organisations(scope: Scope) -> frozenset[int]:
    """The institutions, firms and agencies for which a user writes and reads notes."""
    return scope.institution_ids | scope.firm_ids | scope.agency_ids


class NoteQuerySet(RemovableQuerySet["TalkNote"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Notes of the user's own institutions, firms and agencies. Staff and auditors see none."""
        return self.kept().filter(organisation__in=writing_organisations(scope_of(user)))

    def about(self, subject: Subject) -> Self:
        return self.filter(**{subject_field(subject): subject.pk})


class TalkNote(models.Model):
    """`text` is empty once the note is removed."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="单位")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="记录人")
    follow_up = models.ForeignKey(FollowUp, models.CASCADE, null=True, related_name="+", verbose_name="对接")
    achievement = models.ForeignKey(Achievement, models.CASCADE, null=True, related_name="+", verbose_name="成果")
    demand = models.ForeignKey(Demand, models.CASCADE, null=True, related_name="+", verbose_name="需求")
    text = models.TextField("内容", max_length=NOTE_LENGTH, blank=True)
    made_at = models.DateTimeField("时间", default=timezone.now, editable=False)
    removed_at = models.DateTimeField("删除时间", null=True, editable=False)

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = "洽谈笔记"
        verbose_name_plural = "洽谈笔记"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(follow_up__isnull=False, achievement=None, demand=None)
                | Q(follow_up=None, achievement__isnull=False, demand=None)
                | Q(follow_up=None, achievement=None, demand__isnull=False),
                name="talk_note_about_one_thing",
                violation_error_message="一条笔记只能写一件事。",
            ),
            models.CheckConstraint(
                condition=Q(removed_at=None) & ~Q(text="") | Q(removed_at__isnull=False, text=""),
                name="talk_note_has_text_unless_removed",
                violation_error_message="笔记不能为空。",
            ),
        ]

    def __str__(self) -> str:
        return f"笔记 {self.public_id}"  # the trail is read by staff, who must not read the note

    @property
    def subject(self) -> Subject:
        subject = self.follow_up or self.achievement or self.demand
        if subject is None:
            raise ValueError("the constraint talk_note_about_one_thing is broken")
        return subject


def subject_field(subject: Subject) -> str:
    """The name of the foreign key to this row."""
    for model, name in ((FollowUp, "follow_up"), (Achievement, "achievement"), (Demand, "demand")):
        if isinstance(subject, model):
            return name
    raise TypeError(f"no notes are written about {type(subject).__name__}")
