"""The nouns of an incident: frozen types and pure functions, no input or output."""
