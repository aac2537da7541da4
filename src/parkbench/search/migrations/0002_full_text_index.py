"""The full-text index over the documents, by database.

SQLite: two FTS5 tables that hold no text of their own (basics, other sections), kept in step by triggers on
the documents. From 3.42 they wipe deleted words at once; before that ``services.scrub`` does. PostgreSQL: a
generated column with a GIN index. The words are folded in Python before they come here, so both find alike.
"""

# ruff: noqa: S608 - built of the fixed words below
import sqlite3

from django.db import migrations

TABLE = "search_searchdocument"
INDEXES = {"search_basics": "= 'basics'", "search_sections": "<> 'basics'"}


def sqlite_index(name, which):
    put = f"INSERT INTO {name}(rowid, body) VALUES (new.id, new.body);"
    drop = f"INSERT INTO {name}({name}, rowid, body) VALUES ('delete', old.id, old.body);"
    return [
        f"CREATE VIRTUAL TABLE {name} USING fts5(body, content='', columnsize=0, detail='column', "
        "tokenize='unicode61 remove_diacritics 2', prefix='2 3')",
        f"CREATE TRIGGER {name}_in AFTER INSERT ON {TABLE} WHEN new.section {which} BEGIN {put} END",
        f"CREATE TRIGGER {name}_out AFTER DELETE ON {TABLE} WHEN old.section {which} BEGIN {drop} END",
        f"CREATE TRIGGER {name}_new AFTER UPDATE OF body ON {TABLE} WHEN new.section {which} "
        f"AND new.body <> old.body BEGIN {drop} {put} END",
        f"CREATE VIRTUAL TABLE {name}_words USING fts5vocab({name}, 'row')",
    ]


def sqlite_index_back(name):
    triggers = [f"DROP TRIGGER {name}_{event}" for event in ("in", "out", "new")]
    return [*triggers, f"DROP TABLE {name}_words", f"DROP TABLE {name}"]


def secure_delete(name):
    return f"INSERT INTO {name}({name}, rank) VALUES ('secure-delete', 1)"


POSTGRES = [
    f"ALTER TABLE {TABLE} ADD COLUMN lexemes tsvector "
    "GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, body)) STORED",
    f"CREATE INDEX search_document_lexemes ON {TABLE} USING gin (lexemes)",
]
POSTGRES_BACK = [f"ALTER TABLE {TABLE} DROP COLUMN lexemes"]


def run(schema_editor, statements):
    for statement in statements:
        schema_editor.execute(statement)


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        run(schema_editor, POSTGRES)
        return
    for name, which in INDEXES.items():
        run(schema_editor, sqlite_index(name, which))
        if sqlite3.sqlite_version_info >= (3, 42):
            run(schema_editor, [secure_delete(name)])


def unmake(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        run(schema_editor, POSTGRES_BACK)
        return
    for name in INDEXES:
        run(schema_editor, sqlite_index_back(name))


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]
    operations = [migrations.RunPython(make, unmake)]
