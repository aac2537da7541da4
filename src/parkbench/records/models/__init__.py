"""Tables of every record: homes, sections, the sharing gate, audiences, journals."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbench.records.models.homes import (
    ALL,
    HELD,
    LEFT,
    OURS,
    OWN,
    PARTNERS,
    REGISTER,
    Home,
    Looker,
    RecordQuerySet,
    home_of,
    waiting,
)
from parkbench.records.models.kept import ListColumns, LocalNote, SavedFilter

__all__ = [
    "ALL",
    "HELD",
    "LEFT",
    "NO_FINGERPRINT",
    "OURS",
    "OWN",
    "PARTNERS",
    "REGISTER",
    "Audience",
    "HeldJournal",
    "Home",
    "JournalEntry",
    "ListColumns",
    "LocalNote",
    "Looker",
    "Membership",
    "PolicyCell",
    "Record",
    "RecordEvent",
    "RecordQuerySet",
    "SavedFilter",
    "Section",
    "SectionProblem",
    "SharingException",
    "SharingGate",
    "home_of",
    "waiting",
]

NO_FINGERPRINT = "0" * 64


class Record(models.Model):
    """What every shareable thing has; ``audience_mask`` and ``updated_at`` are those of its basics."""

    uid = models.UUIDField(_("id"), default=uuid.uuid4, editable=False)
    home = models.ForeignKey(Home, models.PROTECT, default=OWN, related_name="+", db_index=False)
    steward = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("content responsible"),
        db_index=False,
    )
    review_due_on = models.DateField(_("review due"), null=True, blank=True)
    audience_mask = models.BigIntegerField(default=0, editable=False)
    is_public = models.BooleanField(default=False, editable=False)
    updated_at = models.DateTimeField(_("last updated"), null=True, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[Any] = RecordQuerySet.as_manager()

    class Meta:
        abstract = True
        indexes = [
            models.Index(fields=["steward"], name="%(class)s_by_steward", condition=Q(steward__isnull=False)),
            models.Index(
                fields=["review_due_on"],
                name="%(class)s_by_review",
                condition=Q(review_due_on__isnull=False, deleted_at=None),
            ),
        ]
        constraints = [
            # The id first: members look a record up by its id alone.
            models.UniqueConstraint(fields=["uid", "home"], name="%(app_label)s_%(class)s_uid_home"),
            models.CheckConstraint(
                condition=Q(is_public=True, audience_mask=1) | (Q(is_public=False) & ~Q(audience_mask=1)),
                name="%(app_label)s_%(class)s_public_is_bit_0",
                violation_error_message=_("Public means visible to everybody."),
            ),
        ]


class Section(models.Model):
    """One revision of one part of a record: append-only, the history and the bytes that are shared.

    Of a partner's record only the latest is held, in one row per part; ``batch`` is the epoch it came under.
    """

    uid = models.UUIDField()
    home = models.ForeignKey(Home, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=40)
    section = models.CharField(max_length=40)
    revision = models.PositiveIntegerField()
    schema = models.PositiveSmallIntegerField(default=1)
    body = models.TextField(blank=True)
    digest = models.CharField(max_length=64, blank=True)
    is_current = models.BooleanField(default=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    batch = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["uid", "section", "revision", "home"], name="section_revision_once"
            ),
        ]
        indexes = [
            models.Index(fields=["batch"], name="section_by_batch", condition=Q(batch__isnull=False)),
            # What changed by hand lately; imports are found by their batch, and pay nothing for this one.
            # `home` and `batch`, of which every row says the same, so that it is read from the index alone.
            models.Index(
                fields=["at", "kind", "home", "batch"],
                name="section_by_hand",
                condition=Q(batch__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid} {self.section} r{self.revision}"


class RecordEvent(models.Model):
    """What happened to a record beside its content: deleted, restored, shared otherwise."""

    class What(models.TextChoices):
        """The events, as people read them."""

        DELETED = "deleted", _("deleted")
        RESTORED = "restored", _("restored")
        SHARED = "shared", _("sharing changed")
        LINKED = "linked", _("linked to make and model")
        REVIEWED = "reviewed", _("looked through: still right")
        HANDED_ON = "handed on", _("content responsible changed")

    uid = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=20)
    what = models.CharField(max_length=10, choices=What.choices)
    detail = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    batch = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["at"], name="record_event_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid} {self.what}"


class SharingGate(models.Model):
    """The one row that publishing locks shared and every change of sharing locks alone."""

    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_sharing_gate")]

    def __str__(self) -> str:
        return "sharing gate"


class Audience(models.Model):
    """Who may see a section; each has one journal, whose head, count and fingerprint stand here."""

    class Sort(models.TextChoices):
        """The sorts of audience."""

        PUBLIC = "public", _("public")
        PARTNERS = "partners", _("all partners")
        CIRCLE = "circle", _("group of partners")
        PARTNER = "partner", _("one partner")

    token = models.UUIDField(default=uuid.uuid4, unique=True)
    sort = models.CharField(max_length=10, choices=Sort.choices)
    name = models.CharField(_("name"), max_length=100)
    bit = models.PositiveSmallIntegerField(unique=True)
    head = models.BigIntegerField(default=0)
    count = models.BigIntegerField(default=0)
    fingerprint = models.CharField(max_length=64, default=NO_FINGERPRINT)
    floor_seq = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["bit"]
        constraints = [
            models.CheckConstraint(
                condition=Q(bit__lte=61),
                name="audience_bit_fits",
                violation_error_message=_("A node can have at most 60 groups and single partners."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PolicyCell(models.Model):
    """Who sees one section of one kind, when the record says nothing else."""

    kind = models.CharField(max_length=20)
    section = models.CharField(max_length=20)
    mask = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "section"], name="policy_cell_once")]

    def __str__(self) -> str:
        return f"{self.kind}.{self.section}"


class SharingException(models.Model):
    """What one record says beside the policy: another audience for a section, or a date to share from.

    ``section`` is '' for the whole record; there only ``share_from`` is set.
    """

    uid = models.UUIDField()
    kind = models.CharField(max_length=20)
    section = models.CharField(max_length=20, blank=True)
    mask = models.BigIntegerField(null=True)
    share_from = models.DateTimeField(_("share from"), null=True)
    is_due = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["uid", "section"], name="exception_once"),
            models.CheckConstraint(
                condition=Q(section="", mask=None)
                | (~Q(section="") & Q(mask__isnull=False, share_from=None)),
                name="exception_is_mask_or_date",
                violation_error_message=_("A section takes an audience, a record a date to share from."),
            ),
        ]
        indexes = [models.Index(fields=["share_from"], name="exception_due", condition=Q(is_due=True))]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid} {self.section}"


class JournalEntry(models.Model):
    """A section that the readers of an audience may see now, or that left (``is_gone``)."""

    audience = models.ForeignKey(Audience, models.PROTECT, related_name="entries", db_index=False)
    uid = models.UUIDField()
    kind = models.CharField(max_length=20)
    section = models.CharField(max_length=20)
    seq = models.BigIntegerField()
    entered_seq = models.BigIntegerField()
    digest = models.CharField(max_length=64, blank=True)
    is_gone = models.BooleanField(default=False)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["uid", "section", "audience"], name="journal_entry_once"),
            models.CheckConstraint(condition=Q(entered_seq__lte=F("seq")), name="journal_entered_before"),
        ]
        indexes = [models.Index(fields=["audience", "seq"], name="journal_by_seq")]

    def __str__(self) -> str:
        return f"{self.audience_id} {self.seq} {self.section}"


class HeldJournal(models.Model):
    """How far this node has read one journal of a partner, and what it holds of it.

    ``count`` and ``fingerprint`` are over the memberships, kept with every page; at the partner's head they
    must equal the signed ones. During a walk from the start ``walk`` is the number that what is met again
    gets; the rest is swept at its end. ``told_count`` and ``told_fingerprint`` are what the last complete
    page signed, NULL and '' while none came since the walk began. ``unequal_head`` is the head at which a
    walk ended unequal; what left up to ``removed_seq`` is removed for good, and the partner is told so.
    """

    home = models.ForeignKey(Home, models.PROTECT, related_name="+", db_index=False)
    audience = models.UUIDField()
    sort = models.CharField(max_length=10, blank=True)
    name = models.CharField(max_length=100, blank=True)
    epoch = models.UUIDField()
    seq = models.BigIntegerField(default=0)
    head = models.BigIntegerField(default=0)
    count = models.BigIntegerField(default=0)
    fingerprint = models.CharField(max_length=64, default=NO_FINGERPRINT)
    walk = models.PositiveIntegerField(default=0)
    is_walking = models.BooleanField(default=True)
    told_count = models.BigIntegerField(null=True)
    told_fingerprint = models.CharField(max_length=64, blank=True)
    unequal_head = models.BigIntegerField(null=True)
    removed_seq = models.BigIntegerField(default=0)
    equal_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["home", "audience"], name="held_journal_once")]

    def __str__(self) -> str:
        return f"{self.audience} up to {self.seq}"


class Membership(models.Model):
    """A section that a partner's journal names for us: what is held, is held because of these rows."""

    home = models.ForeignKey(Home, models.PROTECT, related_name="+", db_index=False)
    audience = models.UUIDField()
    kind = models.CharField(max_length=40)
    uid = models.UUIDField()
    section = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    revision = models.PositiveIntegerField()
    walk = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["uid", "section", "audience", "home"], name="membership_once"),
        ]
        indexes = [models.Index(fields=["home", "audience", "walk"], name="membership_by_walk")]

    def __str__(self) -> str:
        return f"{self.audience} {self.uid} {self.section}"


class SectionProblem(models.Model):
    """Why a section that a partner shares is not shown: damaged, or of a later version than this one."""

    class Sort(models.TextChoices):
        """Whose it is to mend."""

        BAD = "bad", _("cannot be used")
        UNKNOWN = "unknown", _("not understood by this version")

    home = models.ForeignKey(Home, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=40)
    uid = models.UUIDField()
    section = models.CharField(max_length=40)
    sort = models.CharField(max_length=10, choices=Sort.choices)
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["home", "uid", "section"], name="section_problem_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid} {self.section}: {self.reason}"
