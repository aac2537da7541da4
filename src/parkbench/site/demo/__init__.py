"""The sample node: a fictional institute whose machine park is made up, of real makes and models."""
