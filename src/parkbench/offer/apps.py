"""The offer room: registers services and capabilities."""

from functools import partial

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from parkbench.intake import registry as intake
from parkbench.records import registry
from parkbench.records.registry import Kind, SectionSpec, WantedField
from parkbench.ui import navigation, slots
from parkbench.ui.navigation import NavItem

MASKS = {
    "basics": (_("Basics"), "audience_mask", "updated_at"),
    "capacity": (_("Capacity"), "capacity_mask", "capacity_at"),
    "contact": (_("Contact"), "contact_mask", "contact_at"),
    "prices": (_("Prices"), "prices_mask", "prices_at"),
}
"""Section > its label, and the columns for who sees it and when it changed."""


class OfferConfig(AppConfig):
    """Services, their prices, capabilities."""

    name = "parkbench.offer"
    label = "offer"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from parkbench.offer import services, tables
        from parkbench.offer.importers import CapabilityTarget, PriceTarget, ServiceTarget
        from parkbench.offer.queries import panels

        intake.register(ServiceTarget())
        intake.register(PriceTarget())
        intake.register(CapabilityTarget())
        registry.exporter("services", partial(tables.export, "services"))
        registry.exporter("prices", partial(tables.export, "prices"))
        registry.exporter("capabilities", partial(tables.export, "capabilities"))
        registry.on_change("offer", services.keep_links)
        registry.on_accepted("offer", services.take_links)
        navigation.add(NavItem(_("Services"), "offer:services", order=25))
        slots.register("unit", "wide", panels.of_unit)
        slots.register("platform", "wide", panels.of_platform)
        slots.register("instrument", "panels", panels.of_instrument)
        _register_service()
        _register_capability()


def _sections(schemas: dict[str, type[registry.SectionBody]]) -> tuple[SectionSpec, ...]:
    return tuple(
        SectionSpec(name=name, label=label, schema=schemas[name], mask=mask, at=at)
        for name, (label, mask, at) in MASKS.items()
        if name in schemas
    )


def _register_service() -> None:
    from parkbench.offer import models, wire
    from parkbench.offer.tables import described

    registry.register(
        Kind(
            name="service",
            label=_("service"),
            label_plural=_("services"),
            model=models.Service,
            sections=_sections(wire.SERVICE_SCHEMAS),
            columns=wire.service_columns,
            references={"unit": "unit"},
            scope_paths=("uid", "unit__uid", "unit__platform__uid"),
            page="offer:service",
            list_page="offer:services",
            search={"basics": ("description", "sample_types"), "capacity": ("throughput",)},
            wanted=_wanted_of_service(),
            review_months=12,
            described=described.service,
        )
    )


def _wanted_of_service() -> tuple[WantedField, ...]:
    wanted = (
        ("basics", "status", "bronze", _("whether it can be asked for today")),
        ("basics", "description", "bronze", _("what one gets, for people who look for it")),
        ("contact", "mailbox", "bronze", _("whom to ask")),
        ("basics", "access_modes", "silver", _("the service found by how one gets it")),
        ("basics", "user_categories", "silver", _("the service found by who may use it")),
        ("basics", "techniques", "silver", _("the service found by technique")),
        ("capacity", "lead_time_days", "silver", _("how long it takes, in every list")),
        ("prices", "prices", "gold", _("what it costs, for everybody who asks")),
        ("basics", "instrument_refs", "gold", _("the service shown on the pages of its instruments")),
    )
    return tuple(
        WantedField(section=section, column=column, level=level, unlocks=unlocks)  # type: ignore[arg-type]
        for section, column, level, unlocks in wanted
    )


def _register_capability() -> None:
    from parkbench.offer import models, wire
    from parkbench.offer.tables import described

    registry.register(
        Kind(
            name="capability",
            label=_("capability"),
            label_plural=_("capabilities"),
            model=models.Capability,
            sections=_sections(wire.CAPABILITY_SCHEMAS),
            columns=wire.capability_columns,
            references={"platform": "platform"},
            scope_paths=("uid", "platform__uid"),
            page="offer:capability",
            list_page="offer:capabilities",
            search={"basics": ("description",)},
            wanted=(
                WantedField(
                    section="basics", column="description", level="bronze", unlocks=_("what it is good for")
                ),
                WantedField(
                    section="basics",
                    column="service_refs",
                    level="bronze",
                    unlocks=_("which units are in it"),
                ),
                WantedField(section="contact", column="mailbox", level="silver", unlocks=_("whom to ask")),
            ),
            review_months=12,
            described=described.capability,
        )
    )
