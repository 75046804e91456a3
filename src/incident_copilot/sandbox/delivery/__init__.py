"""Brings events, commands and interactions to the app: by Socket Mode or by signed HTTP."""
