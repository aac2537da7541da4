"""The catalogue room: registers maker, technique and model."""

from collections.abc import Callable, Mapping
from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from parkbench.accounts.rules import Action
from parkbench.records import registry
from parkbench.records.registry import Kind, SectionBody, SectionSpec, WantedField
from parkbench.ui import navigation

Columns = Callable[[str, Mapping[str, Any]], dict[str, Any]]

WANTED = (
    WantedField(section="basics", column="maker", level="bronze", unlocks=_("the list of their maker")),
    WantedField(section="basics", column="techniques", level="bronze", unlocks=_("search by technique")),
    WantedField(section="basics", column="family", level="silver", unlocks=_("comparison within a series")),
    WantedField(
        section="basics", column="typical_life_years", level="silver", unlocks=_("the plan of renewal")
    ),
    WantedField(
        section="basics",
        column="end_of_service_on",
        level="gold",
        unlocks=_("warnings of an end of service"),
    ),
)
"""What makes an own entry complete; those of the register are changed by releases only."""


class CatalogueConfig(AppConfig):
    """Makers, techniques, device models."""

    name = "parkbench.catalogue"
    label = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from parkbench.catalogue import tables

        _register_entries()
        for name in ("models", "makers", "techniques"):
            registry.exporter(name, tables.exporter(name))
        navigation.add(navigation.NavItem(_("Makes and models"), "catalogue:models", order=40))


def _register_entries() -> None:
    from parkbench.catalogue import models, wire
    from parkbench.catalogue.tables import described

    maker = {"name": "maker", "label": _("maker"), "label_plural": _("makers")}
    _entry(
        wire.MakerBasics,
        wire.maker_columns,
        model=models.Maker,
        references={"successor": "maker"},
        described=described.maker,
        search={"basics": ("name", "aliases")},
        **maker,
    )
    technique = {"name": "technique", "label": _("technique"), "label_plural": _("techniques")}
    _entry(
        wire.TechniqueBasics,
        wire.technique_columns,
        model=models.Technique,
        references={"parent": "technique"},
        described=described.technique,
        search={"basics": ("name", "aliases")},
        **technique,
    )
    model = {"name": "model", "label": _("make and model"), "label_plural": _("makes and models")}
    references = {"maker": "maker", "successor": "model"}
    _entry(
        wire.ModelBasics,
        wire.model_columns,
        model=models.DeviceModel,
        references=references,
        described=described.model,
        title="designation",
        search={"basics": ("designation", "family", "aliases", "rrid", "psi_ms")},
        wanted=WANTED,
        review_months=24,
        **model,
    )


def _entry(schema: type[SectionBody], columns: Columns, **rest: Any) -> None:
    """Register a kind whose only section is its basics."""
    basics = SectionSpec(
        name="basics", label=_("Basics"), schema=schema, mask="audience_mask", at="updated_at"
    )
    page = f"catalogue:{rest['name']}"
    registry.register(
        Kind(
            sections=(basics,),
            columns=columns,
            page=page,
            list_page=f"{page}s",
            edit=Action.EDIT_CATALOGUE,
            **rest,
        )
    )
