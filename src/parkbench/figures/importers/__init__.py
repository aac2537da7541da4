"""How lists become years of use: monthly sums, and bookings with one row each."""

from parkbench.figures.importers.bookings import BookingsTarget
from parkbench.figures.importers.target import UseTarget

__all__ = ["BookingsTarget", "UseTarget"]
