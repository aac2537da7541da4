"""What people type about services, prices and capabilities."""

from parkbench.offer.forms.prices import PriceList
from parkbench.offer.forms.record import FORMS, OfferForm

__all__ = ["FORMS", "OfferForm", "PriceList"]
