"""Accepting: what partners share is taken in, held while a journal names it, and given back.

Everything here works on rows of one home that is not this node; it knows neither HTTP nor signatures.
"""

from parkbench.records.services.accepting.again import reapply
from parkbench.records.services.accepting.homes import hide_home, purge_home, show_home
from parkbench.records.services.accepting.leaving import Departed, settle_departures
from parkbench.records.services.accepting.names import journal_id
from parkbench.records.services.accepting.pages import Accepted, accept_page
from parkbench.records.services.accepting.single import hide_record, show_record
from parkbench.records.services.accepting.walking import begin_walk, drop_journal, end_walk

__all__ = [
    "Accepted",
    "Departed",
    "accept_page",
    "begin_walk",
    "drop_journal",
    "end_walk",
    "hide_home",
    "hide_record",
    "journal_id",
    "purge_home",
    "reapply",
    "settle_departures",
    "show_home",
    "show_record",
]
