"""Listeners: one file for each thing a person can do; each makes one call of the pipeline and answers the person."""
