"""Tables of the exchange: this node's keys and state, partners, who reads which journal, receipts, pulls."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbench.exchange.rules import State
from parkbench.records.models import Audience, Home

LEASE_DAYS = 30
"""How long a partner's records stay without a verified listing; see exchange.md 3."""


class ExchangeState(models.Model):
    """The one row of what this node says of itself and whether it exchanges at all.

    ``epoch`` must equal the one in the node's folder; ``seen_at`` is the latest time of the clock, by which
    one that went back is told; ``document`` is the node document as issued last.
    """

    epoch = models.UUIDField(default=uuid.uuid4)
    document = models.TextField(blank=True)
    document_number = models.PositiveIntegerField(default=0)
    is_paused = models.BooleanField(_("paused"), default=False)
    pause_reason = models.CharField(_("why"), max_length=500, blank=True)
    seen_at = models.DateTimeField(null=True)
    lease_days = models.PositiveSmallIntegerField(_("lease in days"), default=LEASE_DAYS)
    mailbox = models.EmailField(_("function mailbox"), blank=True)
    is_public_authority = models.BooleanField(_("subject to a public-access law"), default=False)
    disposal_basis = models.CharField(_("disposal basis"), max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_exchange_state"),
            models.CheckConstraint(
                condition=Q(lease_days__range=(1, 365)),
                name="lease_1_to_365_days",
                violation_error_message=_("A lease lasts from 1 to 365 days."),
            ),
        ]

    def __str__(self) -> str:
        return "exchange"


class NodeKey(models.Model):
    """The public half of a key of this node; the private one lies in the node's folder."""

    class Sort(models.TextChoices):
        """What a key is for."""

        SIGNING = "signing", _("signing")
        RECOVERY = "recovery", _("recovery, kept on paper")

    kid = models.CharField(max_length=64, unique=True)
    sort = models.CharField(max_length=10, choices=Sort.choices)
    public = models.JSONField()
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["made_at", "id"]

    def __str__(self) -> str:
        return self.kid


class Partner(models.Model):
    """Another node that an administrator decided to exchange with.

    ``document`` is the pinned node document, ``offered`` one that could not be trusted by itself.
    ``their_state`` is what their last listing said of us. ``number_seen`` and ``number_sent`` are the numbers
    of their last listing and of ours to them. Their rows are hidden since ``hidden_at``, and purged later.
    """

    class States(models.TextChoices):
        """The states, as people read them."""

        INVITED = State.INVITED.value, _("invited")
        PENDING = State.PENDING.value, _("waiting for confirmation")
        ACTIVE = State.ACTIVE.value, _("active")
        SUSPENDED = State.SUSPENDED.value, _("suspended")
        ENDED = State.ENDED.value, _("ended")

    home = models.OneToOneField(Home, models.PROTECT, related_name="partner")
    audience = models.OneToOneField(Audience, models.PROTECT, null=True, related_name="partner")
    state = models.CharField(_("state"), max_length=10, choices=States.choices)
    state_at = models.DateTimeField()
    their_state = models.CharField(max_length=10, blank=True)
    exchange_url = models.CharField(_("exchange address"), max_length=300, blank=True)
    document = models.TextField(blank=True)
    document_number = models.PositiveIntegerField(default=0)
    document_at = models.DateTimeField(null=True)
    offered = models.TextField(blank=True)
    mailbox = models.EmailField(_("function mailbox"), blank=True)
    is_public_authority = models.BooleanField(_("subject to a public-access law"), default=False)
    number_seen = models.BigIntegerField(default=0)
    number_sent = models.BigIntegerField(default=0)
    verified_at = models.DateTimeField(_("confirmed"), null=True)
    lease_until = models.DateTimeField(_("lease until"), null=True)
    hidden_at = models.DateTimeField(null=True)
    purged_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)
    next_pull_at = models.DateTimeField(null=True)
    pulling_since = models.DateTimeField(null=True)
    ping_wanted_at = models.DateTimeField(null=True)
    failure_count = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=500, blank=True)
    terms_version = models.CharField(_("version of the terms"), max_length=20, blank=True)
    our_signatory = models.CharField(_("signed here by"), max_length=200, blank=True)
    their_signatory = models.CharField(_("signed there by"), max_length=200, blank=True)
    terms_signed_on = models.DateField(_("signed on"), null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    their_confirmed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["home__name", "id"]
        indexes = [models.Index(fields=["next_pull_at"], name="partner_next_pull")]

    def __str__(self) -> str:
        return self.home.name

    @property
    def has_ended_there(self) -> bool:
        """Whether the other side ended what still goes on here: nothing comes or goes any more."""
        return self.state in (State.ACTIVE, State.SUSPENDED) and self.their_state == State.ENDED


class Invitation(models.Model):
    """A one-time code given to another node; only the hash of its secret is kept."""

    name = models.CharField(_("whom it is for"), max_length=200)
    secret_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    tries_left = models.PositiveSmallIntegerField(default=5)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    partner = models.ForeignKey(Partner, models.SET_NULL, null=True, related_name="invitations")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return self.name


class CircleTerms(models.Model):
    """What a group of partners is for, and its written terms; told to its members only when ticked."""

    audience = models.OneToOneField(Audience, models.CASCADE, related_name="terms")
    purpose = models.CharField(_("purpose"), max_length=500, blank=True)
    terms = models.TextField(_("written terms"), max_length=10_000, blank=True)
    is_told = models.BooleanField(_("tell the members name, purpose and members"), default=False)

    def __str__(self) -> str:
        return self.purpose


class JournalGrant(models.Model):
    """A partner that reads a journal: all partners', a group's, or its own.

    ``since_seq`` is the journal's head when it became a reader: what left before is never told to it.
    """

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="grants")
    audience = models.ForeignKey(Audience, models.PROTECT, related_name="grants")
    since_seq = models.BigIntegerField(default=0)
    granted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "audience"], name="journal_grant_once")]

    def __str__(self) -> str:
        return f"{self.partner_id} reads {self.audience_id}"


class FormerReader(models.Model):
    """A partner that read a journal until ``ended_at``; what it holds of it, ``count`` parts, it removes.

    It reads the journal no more; the ledger says from this row when it was told and when it confirmed.
    """

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="former_grants")
    audience = models.ForeignKey(Audience, models.CASCADE, related_name="+")
    ended_at = models.DateTimeField()
    count = models.BigIntegerField()

    class Meta:
        ordering = ["-ended_at", "-id"]

    def __str__(self) -> str:
        return f"{self.partner_id} read {self.audience_id} until {self.ended_at}"


class Receipt(models.Model):
    """How far a partner came in a journal of ours: what it was given, and said to have fetched or removed.

    What it was given it may hold, also when it never says so: a page, or a bundle as a file.
    """

    class Sort(models.TextChoices):
        """What was done or said."""

        GIVEN = "given", _("given out")
        FETCHED = "fetched", _("fetched")
        REMOVED = "removed", _("removed")

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="receipts")
    audience = models.ForeignKey(Audience, models.CASCADE, related_name="+")
    sort = models.CharField(max_length=10, choices=Sort.choices)
    epoch = models.UUIDField()
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    removed_count = models.PositiveIntegerField(default=0)
    frozen_count = models.PositiveIntegerField(default=0)
    is_equal = models.BooleanField(null=True)

    class Meta:
        indexes = [models.Index(fields=["partner", "audience", "sort", "seq"], name="receipt_by_seq")]

    def __str__(self) -> str:
        return f"{self.sort} {self.seq}"


class OwedReceipt(models.Model):
    """What we have removed of a partner's and not told it yet; the row goes when it has been told."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="owed")
    audience = models.UUIDField()
    epoch = models.UUIDField()
    seq = models.BigIntegerField()
    removed_count = models.PositiveIntegerField(default=0)
    frozen_count = models.PositiveIntegerField(default=0)
    count = models.BigIntegerField(default=0)
    fingerprint = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.audience} up to {self.seq}"


class PullRun(models.Model):
    """One reading of a partner's journals: what came, what went, what it cost, what went wrong."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="pulls")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=20)
    is_ok = models.BooleanField(null=True)
    problem = models.CharField(max_length=500, blank=True)
    journals = models.JSONField(default=list)
    request_count = models.PositiveIntegerField(default=0)
    byte_count = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["-started_at", "-id"]
        indexes = [models.Index(fields=["partner", "-started_at"], name="pull_by_partner")]

    def __str__(self) -> str:
        return f"pull {self.pk}"


class UsedToken(models.Model):
    """A token that was used to write: it cannot be used a second time while it lives."""

    iss = models.CharField(max_length=300)
    jti = models.CharField(max_length=100)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["iss", "jti"], name="token_once")]
        indexes = [models.Index(fields=["expires_at"], name="token_by_end")]

    def __str__(self) -> str:
        return self.jti


class FrozenRecord(models.Model):
    """A partner's record under an open request for access: only the archivist sees it, nothing uses it.

    ``content`` holds its parts as they were when it was frozen, whatever its owner does to them: section >
    revision, digest, at, body, and the journals that named it (audience > epoch and number). Empty once it is
    released.
    """

    home = models.ForeignKey(Home, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    uid = models.UUIDField()
    case = models.CharField(_("case number"), max_length=100)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    content = models.JSONField(default=dict)
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["home", "uid"], condition=Q(released_at=None), name="frozen_once"
            ),
        ]

    def __str__(self) -> str:
        return self.case


class Disposal(models.Model):
    """Copies of a partner's records that were removed, and on which basis: counts, no content."""

    home = models.ForeignKey(Home, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    basis = models.CharField(max_length=300)
    section_count = models.PositiveIntegerField()
    record_count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(record_count__lte=F("section_count")), name="disposal_sections_hold_records"
            ),
        ]

    def __str__(self) -> str:
        return self.basis
