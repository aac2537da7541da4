"""The catalogue room: registers maker, technique and model."""

from collections.abc import Callable, Mapping
from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from parkbench.accounts.rules import Action
from parkbench.records import registry
from parkbench.records.registry import Kind, SectionBody, SectionSpec
from parkbench.ui import navigation

Columns = Callable[[str, Mapping[str, Any]], dict[str, Any]]


class CatalogueConfig(AppConfig):
    """Makers, techniques, device models."""

    name = "parkbench.catalogue"
    label = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from parkbench.catalogue import models, wire

        def entry(
            schema: type[SectionBody],
            columns: Callable[[str, Mapping[str, Any]], dict[str, Any]],
            **rest: Any,
        ) -> None:
            basics = SectionSpec(
                name="basics", label=_("Basics"), schema=schema, mask="audience_mask", at="updated_at"
            )
            registry.register(Kind(sections=(basics,), columns=columns, edit=Action.EDIT_CATALOGUE, **rest))

        entry(
            wire.MakerBasics,
            wire.maker_columns,
            name="maker",
            label=_("maker"),
            label_plural=_("makers"),
            model=models.Maker,
            references={"successor": "maker"},
            page="catalogue:maker",
        )
        entry(
            wire.TechniqueBasics,
            wire.technique_columns,
            name="technique",
            label=_("technique"),
            label_plural=_("techniques"),
            model=models.Technique,
            references={"parent": "technique"},
            page="catalogue:technique",
        )
        entry(
            wire.ModelBasics,
            wire.model_columns,
            name="model",
            label=_("make and model"),
            label_plural=_("makes and models"),
            model=models.DeviceModel,
            references={"maker": "maker", "successor": "model"},
            title="designation",
            page="catalogue:model",
        )
        navigation.add(navigation.NavItem(_("Makes and models"), "catalogue:models", order=40))
