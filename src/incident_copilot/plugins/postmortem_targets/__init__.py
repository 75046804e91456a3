"""Places where postmortems are kept, and files whose changes people review: one module a kind of place."""
