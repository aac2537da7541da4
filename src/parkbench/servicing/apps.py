"""The servicing room: registers the kind, its import, export, panels and navigation."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from parkbench.accounts.rules import Action
from parkbench.intake import registry as intake
from parkbench.records import registry
from parkbench.records.registry import Kind, SectionSpec, WantedField
from parkbench.ui import navigation, slots

SECTIONS = (
    ("basics", _("Basics"), Action.SEE, "audience_mask", "updated_at"),
    ("economics", _("Economics"), Action.SEE_ECONOMICS, "economics_mask", "economics_at"),
    ("internal", _("Internal"), Action.SEE_INTERNAL, "internal_mask", "internal_at"),
)
WANTED = (
    WantedField(
        section="basics", column="days_down", level="bronze", unlocks=_("the days down of their year")
    ),
    WantedField(section="economics", column="cost", level="silver", unlocks=_("what the instrument costs")),
    WantedField(section="economics", column="vat", level="gold", unlocks=_("the sums of their currency")),
    WantedField(section="economics", column="supplier", level="gold", unlocks=_("the list by supplier")),
)


class ServicingConfig(AppConfig):
    """Service events of instruments: what happened, days down, costs."""

    name = "parkbench.servicing"
    label = "servicing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from parkbench.servicing import models, services, tables, wire
        from parkbench.servicing.importers import ServiceEventTarget
        from parkbench.servicing.queries import panels

        intake.register(ServiceEventTarget())
        registry.exporter("service-events", tables.export)
        registry.on_change("servicing", services.follow_instruments)
        navigation.add(
            navigation.NavItem(_("Service events"), "servicing:events", order=22, may_somewhere=Action.SEE)
        )
        slots.register_actions("instrument", panels.actions_of_instrument)
        slots.register("instrument", "wide", panels.of_instrument, order=20)
        slots.register("unit", "wide", panels.in_unit, order=20)
        slots.register("platform", "wide", panels.on_platform, order=20)
        slots.register("model", "wide", panels.of_model, order=20)
        registry.register(
            Kind(
                name="service-event",
                label=_("service event"),
                label_plural=_("service events"),
                model=models.ServiceEvent,
                sections=tuple(
                    SectionSpec(name=name, label=label, schema=wire.SCHEMAS[name], see=see, mask=mask, at=at)
                    for name, label, see, mask, at in SECTIONS
                ),
                columns=wire.columns,
                references={"instrument": "instrument"},
                scope_paths=(
                    *("uid", "instrument__unit__uid", "instrument__unit__platform__uid"),
                    "instrument__uid",
                ),
                page="servicing:event",
                list_page="servicing:events",
                search={"economics": ("supplier",), "internal": ("case_number", "note")},
                restore=services.restore,
                wanted=WANTED,
            )
        )
