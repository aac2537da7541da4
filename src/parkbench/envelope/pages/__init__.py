"""Pages of a journal: some entries in the order of their seq, under one signed statement.

Unzipped, a page is lines of UTF-8, each ended by one newline (byte 0A):

1. the statement, a compact JWS (see `signatures`) over iss, audience, epoch, after, upto, head, sha256 (of
   every byte after this first line), iat, lease (days), and at the end of the journal count and fingerprint;
2. then one line for each entry, in rising seq, either live or gone:

    {"seq":7,"kind":"instrument","uid":"<uuid>","section":"basics","revision":3,"schema":1,
     "at":"2026-11-28T14:03:07Z","body":{...}}
    {"seq":9,"kind":"instrument","uid":"<uuid>","section":"basics","gone":true}

(here broken for print only). A body is the bytes that the origin stored: nobody writes them anew, and the
digest of an entry is the SHA-256 of exactly these bytes. So that a reader in any language can cut them out,
"body" is the last member of its line: the body is what stands between the first occurrence of the eight
characters `,"body":` and the last `}` of the line. (Before it, quotes inside text are escaped, so these
characters cannot occur there by accident.) What stands before, with a `}`, is one JSON object, and the body
is another. A body holds no newline. Members that a reader does not know are left alone.

A reader first checks the signature, then the sha256, and only then reads the lines.
"""

from parkbench.envelope.pages.lines import BadItem, Gone, Item
from parkbench.envelope.pages.reading import Page, read_page
from parkbench.envelope.pages.statements import Statement
from parkbench.envelope.pages.writing import write_page

__all__ = ["BadItem", "Gone", "Item", "Page", "Statement", "read_page", "write_page"]
