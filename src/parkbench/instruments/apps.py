"""The instruments room: registers the kind."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from parkbench.accounts.rules import Action
from parkbench.intake import registry as intake
from parkbench.records import registry
from parkbench.records.registry import Kind, SectionSpec
from parkbench.ui import navigation, slots
from parkbench.ui.navigation import NavItem

SECTIONS = (
    ("basics", _("Basics"), Action.SEE, "audience_mask", "updated_at"),
    ("capacity", _("Capacity"), Action.SEE, "capacity_mask", "capacity_at"),
    ("economics", _("Economics"), Action.SEE_ECONOMICS, "economics_mask", "economics_at"),
    ("contact", _("Contact"), Action.SEE, "contact_mask", "contact_at"),
    ("internal", _("Internal"), Action.SEE_INTERNAL, "internal_mask", "internal_at"),
)
SEARCHED = {
    "basics": ("name", "maker_text", "model_text", "description", "pid"),
    "capacity": ("configuration",),
    "economics": ("legal_owner",),
    "internal": ("serial_number", "inventory_number", "room", "notes"),
}


class InstrumentsConfig(AppConfig):
    """The machine park."""

    name = "parkbench.instruments"
    label = "instruments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from parkbench.instruments import models, tables, wire
        from parkbench.instruments.importers import InstrumentTarget, ModelTarget
        from parkbench.instruments.queries import panels
        from parkbench.instruments.tables import described

        intake.register(InstrumentTarget())
        intake.register(ModelTarget())
        registry.exporter("instruments", tables.export)
        navigation.add(NavItem(_("Machine park"), "instruments:park", order=20))
        slots.register("model", "who-has-it", panels.who_has_it)
        slots.register("model", "count", panels.model_counts)
        slots.register("unit", "instruments", panels.in_unit)
        slots.register("platform", "instruments", panels.on_platform)
        registry.register(
            Kind(
                name="instrument",
                label=_("instrument"),
                label_plural=_("instruments"),
                model=models.Instrument,
                sections=tuple(
                    SectionSpec(name=name, label=label, schema=wire.SCHEMAS[name], see=see, mask=mask, at=at)
                    for name, label, see, mask, at in SECTIONS
                ),
                columns=wire.columns,
                references={"unit": "unit", "site": "site", "parent": "instrument"},
                scope_paths=("uid", "unit__uid", "unit__platform__uid"),
                page="instruments:instrument",
                search=SEARCHED,
                described=described.instrument,
            )
        )
