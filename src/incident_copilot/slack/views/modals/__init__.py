"""Modals: forms that people fill in, and closer looks at what a message only names."""
