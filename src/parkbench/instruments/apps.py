"""The instruments room: registers the kind."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from parkbench.accounts.rules import Action
from parkbench.intake import registry as intake
from parkbench.records import registry
from parkbench.records.registry import Deadline, Kind, SectionSpec, WantedField
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
WANTED = (
    WantedField(section="basics", column="status", level="bronze", unlocks=_("the count of what stands")),
    WantedField(section="basics", column="linked_model", level="bronze", unlocks=_("“who else has it”")),
    WantedField(section="basics", column="site", level="silver", unlocks=_("the list of their site")),
    WantedField(
        section="basics", column="commissioned_on", level="silver", unlocks=_("the age of the machine park")
    ),
    WantedField(
        section="capacity", column="end_of_support_on", level="silver", unlocks=_("the calendar of support")
    ),
    WantedField(
        section="economics", column="replacement_price", level="silver", unlocks=_("the ten-year view")
    ),
    WantedField(
        section="capacity", column="user_categories", level="gold", unlocks=_("the offer to users outside")
    ),
    WantedField(section="basics", column="description", level="gold", unlocks=_("what visitors read")),
    WantedField(
        section="economics", column="purchase_price", level="gold", unlocks=_("the book value of the park")
    ),
    WantedField(
        section="economics", column="running_cost", level="gold", unlocks=_("the yearly cost of the park")
    ),
    WantedField(
        section="internal", column="inventory_number", level="gold", unlocks=_("matching with the inventory")
    ),
    WantedField(section="internal", column="criticality", level="gold", unlocks=_("the order of renewal")),
)
"""What makes an instrument complete, and what it is missing from without."""
DEADLINES = (
    Deadline(section="capacity", column="end_of_support_on", label=_("End of support")),
    Deadline(section="economics", column="insured_until_on", label=_("Insurance ends")),
    Deadline(section="economics", column="keep_until_on", label=_("Funders' conditions end")),
)


class InstrumentsConfig(AppConfig):
    """The machine park."""

    name = "parkbench.instruments"
    label = "instruments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from parkbench.instruments import models, services, tables, wire
        from parkbench.instruments.importers import InstrumentTarget, ModelTarget
        from parkbench.instruments.queries import panels
        from parkbench.instruments.tables import described

        intake.register(InstrumentTarget())
        intake.register(ModelTarget())
        registry.exporter("instruments", tables.export)
        registry.on_accepted("instruments", services.link_theirs)
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
                list_page="instruments:park",
                search=SEARCHED,
                wanted=WANTED,
                deadlines=DEADLINES,
                review_months=12,
                described=described.instrument,
            )
        )
