"""How a sheet becomes service events."""

from parkbench.servicing.importers.target import ServiceEventTarget

__all__ = ["ServiceEventTarget"]
