"""How a sheet becomes instruments."""

from parkbench.instruments.importers.target import InstrumentTarget

__all__ = ["InstrumentTarget"]
