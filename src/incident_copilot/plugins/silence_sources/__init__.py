"""Where silences are read, so that what is silenced there opens nothing here: one module a vendor."""
