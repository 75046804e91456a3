"""The abuse cases, one test for each by its id."""
