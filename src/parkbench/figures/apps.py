"""The figures room: registers the kind, what can be imported and exported, and its panels."""

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
    ("hours", _("Hours"), Action.SEE, "hours_mask", "hours_at"),
    ("groups", _("Distinct groups"), Action.SEE_INTERNAL, "groups_mask", "groups_at"),
)


class FiguresConfig(AppConfig):
    """Use and downtime of instruments, month by month."""

    name = "parkbench.figures"
    label = "figures"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from parkbench.figures import models, services, tables, wire
        from parkbench.figures.importers import BookingsTarget, UseTarget
        from parkbench.figures.queries import panels

        intake.register(UseTarget())
        intake.register(BookingsTarget())
        registry.exporter("use", tables.export)
        navigation.add(NavItem(_("Use"), "figures:list", order=25))
        slots.register("instrument", "wide", panels.of_instrument, order=10)
        slots.register("unit", "wide", panels.of_unit, order=10)
        slots.register("platform", "wide", panels.on_platform, order=10)
        slots.register("model", "wide", panels.of_model, order=10)
        registry.on_change("figures", services.count)
        registry.register(
            Kind(
                name="use",
                label=_("year of use"),
                label_plural=_("years of use"),
                model=models.UseYear,
                sections=tuple(
                    SectionSpec(name=name, label=label, schema=wire.SCHEMAS[name], see=see, mask=mask, at=at)
                    for name, label, see, mask, at in SECTIONS
                ),
                columns=wire.columns,
                references={"instrument": "instrument"},
                scope_paths=("uid", "instrument__unit__uid", "instrument__unit__platform__uid"),
                page="figures:year",
                list_page="figures:list",
                is_searched=False,
            )
        )
