"""Whom something can be shared with: groups of partners and single partners."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from parkbench.accounts.rules import Action
from parkbench.lib.errors import Invalid, NotFound, Problem, Refused
from parkbench.records import rules
from parkbench.records.models import Audience
from parkbench.records.queries import groups_in_use
from parkbench.records.services import gate
from parkbench.records.visibility import Viewer

LONGEST = 100


@transaction.atomic
def add_audience(*, sort: Audience.Sort, name: str, by: Viewer) -> Audience:
    """This function will add a group of partners or a single partner as an audience.

    Raises Invalid for a name that is empty, too long or taken, Refused when the node has 60 of them already.
    """
    by.check(Action.SET_POLICY)
    gate.close()
    kept = _free_name(name, except_pk=None)
    used = set(Audience.objects.values_list("bit", flat=True))
    free = next((bit for bit in range(rules.FIRST_FREE_BIT, rules.LAST_BIT + 1) if bit not in used), None)
    if free is None:
        raise Refused(
            _("A node can have at most 60 groups and single partners. Remove one that is not used.")
        )
    return Audience.objects.create(sort=sort, name=kept, bit=free)


@transaction.atomic
def rename_group(*, pk: int, name: str, by: Viewer) -> Audience:
    """This function will rename a group of partners; who is in it and what it sees stays.

    Raises NotFound when there is no such group, Invalid as add_audience does.
    """
    by.check(Action.SET_POLICY)
    gate.close()
    group = _group(pk)
    group.name = _free_name(name, except_pk=pk)
    group.save(update_fields=["name"])
    return group


@transaction.atomic
def remove_group(*, pk: int, by: Viewer) -> None:
    """This function will remove a group of partners with which nothing is or ever was shared.

    Raises NotFound when there is no such group, Refused while the policy or a record names it or partners are
    in it, and when something was shared with it once: its journal tells partners of what left.
    """
    by.check(Action.SET_POLICY)
    gate.close()
    group = _group(pk)
    use = groups_in_use(groups=[group])[0]
    if use.cell_count or use.record_count:
        raise Refused(
            _("“%(name)s” is named by the policy or by a record. Take it out there first, then remove it.")
            % {"name": group.name}
        )
    if use.members:
        raise Refused(
            _("Partners are in “%(name)s”. Take them out first, then remove it.") % {"name": group.name}
        )
    if use.has_history:
        raise Refused(
            _("Something was shared with “%(name)s” before; its members must still hear what left. Keep it.")
            % {"name": group.name}
        )
    group.delete()


def _group(pk: int) -> Audience:
    group = Audience.objects.filter(pk=pk, sort=Audience.Sort.CIRCLE).first()
    if group is None:
        raise NotFound(_("There is no such group of partners here any more."))
    return group


def _free_name(name: str, *, except_pk: int | None) -> str:
    """Return the name as it is kept; raise Invalid when it cannot be one or another audience bears it."""
    kept = " ".join(name.split())
    if not 0 < len(kept) <= LONGEST:
        raise Invalid(Problem(_("Name"), kept, _("a name of 1 to 100 characters")))
    others = Audience.objects.values_list("pk", "name")
    if any(pk != except_pk and other.casefold() == kept.casefold() for pk, other in others):
        raise Invalid(Problem(_("Name"), kept, _("a name that no other group or partner bears")))
    return kept
