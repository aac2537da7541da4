"""Services, their prices, capabilities."""
