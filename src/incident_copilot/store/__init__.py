"""All SQL: the tables, and one file per noun with functions from a transaction to domain types."""
