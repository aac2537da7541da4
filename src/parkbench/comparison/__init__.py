"""Comparing parks: the same device model seen through different names."""
