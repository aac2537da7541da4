"""How a sheet becomes instruments, or makes and models."""

from parkbench.instruments.importers.models import ModelTarget
from parkbench.instruments.importers.target import InstrumentTarget

__all__ = ["InstrumentTarget", "ModelTarget"]
