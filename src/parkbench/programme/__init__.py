"""Programme: the organisation, its platforms, units and sites."""
