"""What the pages of the exchange consist of."""
