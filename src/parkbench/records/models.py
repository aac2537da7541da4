"""Tables of every record: homes, sections, the sharing gate, audiences, journals."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, Protocol, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

OWN = 1
REGISTER = 2
HELD = 1 << 62
"""The audience mask of a section of a partner's row that is held here; 0 while it is not."""
LEFT = uuid.UUID(int=0)
"""The ``batch`` of a partner's body that no journal names any more: the end of the pull removes it."""
NO_FINGERPRINT = "0" * 64
OURS, PARTNERS, ALL = "own", "partners", "all"
"""Whose rows are asked for, as an address says it; the number of a home asks for those of one partner."""


class Looker(Protocol):
    """What a row needs to know of who looks; `visibility.Viewer` is one."""

    @property
    def is_member(self) -> bool:
        """Whether this viewer sees the organisation from inside."""

    @property
    def mask(self) -> int:
        """The audiences of a viewer from outside."""


class Home(models.Model):
    """Where records belong: this node (1), the shipped register (2), partners (3 and up).

    While ``hidden_at`` is set nobody sees any row of this home; what arrives meanwhile is hidden too.
    """

    address = models.CharField(_("address"), max_length=300, unique=True)
    name = models.CharField(_("name"), max_length=200)
    is_sample = models.BooleanField(_("holds sample data"), default=False)
    hidden_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return self.name


class RecordQuerySet(models.QuerySet["Any"]):
    """What every kind's rows can be asked; ``visible`` is the gate."""

    has_register = True
    """Whether rows of the shipped register stand in this table too."""

    def live(self) -> Self:
        """Rows that are not deleted."""
        return self.filter(deleted_at=None)

    def own(self) -> Self:
        """Rows whose home is this node."""
        return self.filter(home_id=OWN)

    def of_home(self, home: str) -> Self:
        """Rows of this node (``own``, the shipped register among them), of ``partners``, of one, or ``all``.

        One partner is named by the number of its home.
        """
        if home == ALL:
            return self
        if home == PARTNERS:
            return self.filter(home_id__gt=REGISTER)
        if home != OURS:
            return self.filter(home_id=int(home))
        return self.filter(home_id__lte=REGISTER) if self.has_register else self.own()

    def visible(self, viewer: Looker, home: str = OURS) -> Self:
        """Rows this viewer may know of; the only way into a list, a count, a search or an export.

        What is counted, listed and offered is this node's own unless another ``home`` is asked for (see
        `of_home`); rows of partners are for members alone, whoever asks.
        """
        if viewer.is_member:
            return self.live().of_home(home)
        if home not in (OURS, ALL):
            return self.none()
        register = Q(home_id=REGISTER) if self.has_register else Q(pk__in=())
        if viewer.mask == 0:
            return self.live().filter(register)
        if viewer.mask == 1:
            return self.live().filter(Q(home_id=OWN, is_public=True) | register)
        seen = self.live().annotate(_seen=F("audience_mask").bitand(viewer.mask))
        return seen.filter(Q(home_id=OWN, _seen__gt=0) | register)


def waiting(table: str, *names: str) -> list[models.Index]:
    """Return the indexes that find rows whose references lead nowhere yet, when what they name arrives.

    Small: own rows are never in them, and partners' rows only until their target is here.
    """
    return [
        models.Index(
            fields=[f"{name}_ref"],
            name=f"{table}_waits_{name}",
            condition=Q(**{f"{name}__isnull": True, f"{name}_ref__isnull": False}),
        )
        for name in names
    ]


def home_of(row: Any) -> str:
    """Return what `RecordQuerySet.of_home` takes for the home of a row: its own kin are asked for by it."""
    return OURS if row.home_id <= REGISTER else str(row.home_id)


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
            models.Index(fields=["at", "kind"], name="section_by_hand", condition=Q(batch__isnull=True)),
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
    gets, and ``walk_head`` the head when it began; the rest is swept at its end. ``told_count`` and ``told_fingerprint`` are what the last complete
    page signed, NULL and '' while none came since the walk began. ``unequal_head`` is the head at which a
    walk ended unequal. Departures up to ``removed_seq`` are removed for good.
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
    walk_head = models.BigIntegerField(default=0)
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


class ListColumns(models.Model):
    """The columns a person chose for a list."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    list_name = models.CharField(max_length=40)
    columns = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "list_name"], name="list_columns_once")]

    def __str__(self) -> str:
        return self.list_name


class SavedFilter(models.Model):
    """A named filter of a list, the person's own or shared with all members."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    list_name = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=80)
    query = models.CharField(max_length=2000)
    is_shared = models.BooleanField(_("for everybody here"), default=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "list_name", "name"],
                name="saved_filter_once",
                violation_error_message=_("You have a filter of this name already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LocalNote(models.Model):
    """What members note for themselves on a partner's record; never exchanged.

    It is kept on the id of the record: it outlives the row and shows again when the record comes back.
    """

    home = models.ForeignKey(Home, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)
    uid = models.UUIDField()
    text = models.CharField(_("note"), max_length=4000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [
            models.Index(fields=["uid", "home"], name="local_note_by_record"),
            models.Index(fields=["by"], name="local_note_by_person", condition=Q(by__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(home__gt=REGISTER),
                name="local_note_on_partners",
                violation_error_message=_("Notes are kept on partners' records; own ones are edited."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid} {self.at:%Y-%m-%d}"
