"""Monitoring systems that send alerts by webhook: one module a vendor, found by its file name."""
