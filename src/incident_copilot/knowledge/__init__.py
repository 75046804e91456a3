"""Find what the organisation already knows about a problem: runbooks today, addressable by section and step."""
