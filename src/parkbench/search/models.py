"""What can be found: one document per record and section, and the words that were ever indexed.

Beside these tables stand a full-text index (SQLite) or column (PostgreSQL), made by migration 0002. On
SQLite triggers on the table keep it in step; a migration that rebuilds the table must make them again.
"""

from __future__ import annotations

from django.db import models

from parkbench.records.models import Home

BASICS = "basics"


class SearchDocument(models.Model):
    """The folded words of one section of one live record; its number tells kind, row and section.

    ``title`` is the record's in every section, ``size`` its length; they give the order of hits.
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=20)
    home = models.ForeignKey(Home, models.PROTECT, related_name="+", db_index=False)
    uid = models.UUIDField()
    row_id = models.BigIntegerField()
    section = models.CharField(max_length=20)
    size = models.PositiveIntegerField()
    title = models.TextField()
    body = models.TextField()

    class Meta:
        indexes = [
            models.Index(fields=["uid"], name="search_document_by_uid"),
            models.Index(
                fields=["kind", "size", "title", "uid"],
                name="search_document_order",
                condition=models.Q(section=BASICS),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid} {self.section}"


class SearchPending(models.Model):
    """A record of a large change whose documents a job brings in line soon after."""

    kind = models.CharField(max_length=20)
    uid = models.UUIDField()

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}"


class SearchWord(models.Model):
    """A word without figures that some document holds: what a misspelt word is compared with.

    It says nothing of who may see it: a word is shown only after a search by it found something.
    """

    word = models.CharField(max_length=64, primary_key=True)

    def __str__(self) -> str:
        return self.word
