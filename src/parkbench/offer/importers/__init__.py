"""How sheets become services and price lines."""

from parkbench.offer.importers.capabilities import CapabilityTarget
from parkbench.offer.importers.prices import PriceTarget
from parkbench.offer.importers.services import ServiceTarget

__all__ = ["CapabilityTarget", "PriceTarget", "ServiceTarget"]
