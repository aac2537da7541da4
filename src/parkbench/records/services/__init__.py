"""Writes on every record: publish, share, delete and restore."""

from parkbench.records.services.accepting import (
    Accepted,
    Departed,
    accept_page,
    begin_walk,
    drop_journal,
    end_walk,
    hide_home,
    hide_record,
    journal_id,
    purge_home,
    reapply,
    settle_departures,
    show_home,
    show_record,
)
from parkbench.records.services.audiences import add_audience, remove_group, rename_group
from parkbench.records.services.checks import verify
from parkbench.records.services.departures import forget_departures
from parkbench.records.services.differences import Difference
from parkbench.records.services.lifecycle import RESTORABLE, bring_back, delete, purge, restore, revert
from parkbench.records.services.notes import add_note, delete_note, edit_note
from parkbench.records.services.publishing import Draft, Published, publish
from parkbench.records.services.repairs import repair
from parkbench.records.services.sharing import (
    apply_due,
    set_policies,
    set_policy,
    share_record,
    widen,
)
from parkbench.records.services.stewardship import confirm, date_reviews, hand_over, set_stewardship

__all__ = [
    "RESTORABLE",
    "Accepted",
    "Departed",
    "Difference",
    "Draft",
    "Published",
    "accept_page",
    "add_audience",
    "add_note",
    "apply_due",
    "begin_walk",
    "bring_back",
    "confirm",
    "date_reviews",
    "delete",
    "delete_note",
    "drop_journal",
    "edit_note",
    "end_walk",
    "forget_departures",
    "hand_over",
    "hide_home",
    "hide_record",
    "journal_id",
    "publish",
    "purge",
    "purge_home",
    "reapply",
    "remove_group",
    "rename_group",
    "repair",
    "restore",
    "revert",
    "set_policies",
    "set_policy",
    "set_stewardship",
    "settle_departures",
    "share_record",
    "show_home",
    "show_record",
    "verify",
    "widen",
]
