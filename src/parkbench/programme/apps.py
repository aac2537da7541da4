"""The programme room: registers organisation, platform, unit and site."""

from functools import partial

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from parkbench.accounts import registry as accounts
from parkbench.accounts.rules import Action
from parkbench.lib import jobs
from parkbench.records import registry
from parkbench.records.registry import Kind, SectionSpec, WantedField
from parkbench.ui import navigation

DESCRIBED = WantedField(
    section="basics", column="description", level="bronze", unlocks=_("what visitors read")
)
PLACED = WantedField(
    section="basics", column="platform", level="bronze", unlocks=_("the figures of platforms")
)
REACHED = WantedField(section="contact", column="mailbox", level="silver", unlocks=_("how to be asked"))
SITED = WantedField(section="basics", column="url", level="gold", unlocks=_("the links from outside"))
YEARLY = 12


class ProgrammeConfig(AppConfig):
    """Organisation, platforms, units, sites."""

    name = "parkbench.programme"
    label = "programme"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from parkbench.programme import queries, services
        from parkbench.records.queries import own_address

        jobs.register("programme.forget_person", services.forget_person)
        accounts.register_address(own_address)
        registry.register_organisation(queries.organisation_facts)
        accounts.register_scopes("unit", _("unit"), partial(queries.grant_scopes, "unit"))
        accounts.register_scopes("platform", _("platform"), partial(queries.grant_scopes, "platform"))
        navigation.add(navigation.NavItem(_("Platforms and units"), "programme:platforms", order=15))
        _register_organisation()
        _register_platform()
        _register_unit()
        _register_site()


def _basics(schema: type[registry.SectionBody]) -> SectionSpec:
    return SectionSpec(name="basics", label=_("Basics"), schema=schema, mask="audience_mask", at="updated_at")


def _register_organisation() -> None:
    from parkbench.programme import models, wire
    from parkbench.programme.tables import described

    registry.register(
        Kind(
            name="organisation",
            label=_("organisation"),
            label_plural=_("organisations"),
            model=models.Organisation,
            sections=(_basics(wire.OrganisationBasics),),
            columns=wire.organisation_columns,
            page="programme:organisation",
            search={"basics": ("short_name", "description")},
            edit=Action.EDIT_PROGRAMME,
            wanted=(
                WantedField(
                    section="basics", column="country", level="bronze", unlocks=_("comparison by country")
                ),
                WantedField(
                    section="basics", column="ror", level="silver", unlocks=_("recognition by partners")
                ),
                DESCRIBED,
                SITED,
            ),
            review_months=YEARLY,
            described=described.organisation,
        )
    )


def _contact() -> SectionSpec:
    return SectionSpec(
        name="contact", label=_("Contact"), schema=registry.Contact, mask="contact_mask", at="contact_at"
    )


def _register_platform() -> None:
    from parkbench.programme import models, services, wire
    from parkbench.programme.tables import described

    registry.register(
        Kind(
            name="platform",
            label=_("platform"),
            label_plural=_("platforms"),
            model=models.Platform,
            sections=(_basics(wire.PlatformBasics), _contact()),
            columns=wire.platform_columns,
            page="programme:platform",
            list_page="programme:platforms",
            search={"basics": ("short_name", "description")},
            restore=partial(services.restore, kind="platform"),
            wanted=(DESCRIBED, REACHED, SITED),
            review_months=YEARLY,
            described=described.platform,
        )
    )


def _register_unit() -> None:
    from parkbench.programme import models, services, wire
    from parkbench.programme.tables import described

    registry.register(
        Kind(
            name="unit",
            label=_("unit"),
            label_plural=_("units"),
            model=models.Unit,
            sections=(_basics(wire.UnitBasics), _contact()),
            columns=wire.unit_columns,
            references={"platform": "platform"},
            scope_paths=("uid", "platform__uid"),
            page="programme:unit",
            list_page="programme:units",
            search={"basics": ("short_name", "host_name", "description")},
            restore=partial(services.restore, kind="unit"),
            wanted=(DESCRIBED, PLACED, REACHED, SITED),
            review_months=YEARLY,
            described=described.unit,
        )
    )


def _register_site() -> None:
    from parkbench.programme import models, services, wire
    from parkbench.programme.tables import described

    registry.register(
        Kind(
            name="site",
            label=_("site"),
            label_plural=_("sites"),
            model=models.Site,
            sections=(_basics(wire.SiteBasics),),
            columns=wire.site_columns,
            page="programme:site",
            list_page="programme:sites",
            search={"basics": ("address", "city")},
            restore=partial(services.restore, kind="site"),
            wanted=(
                WantedField(section="basics", column="city", level="bronze", unlocks=_("the list by place")),
                WantedField(section="basics", column="address", level="silver", unlocks=_("the way there")),
                WantedField(
                    section="basics", column="country", level="silver", unlocks=_("comparison by country")
                ),
            ),
            review_months=2 * YEARLY,
            described=described.site,
            edit=Action.EDIT_PROGRAMME,
        )
    )
