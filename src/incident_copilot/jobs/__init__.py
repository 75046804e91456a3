"""Durable work: a worker that runs jobs, an outbox that carries out effects, a clock that ticks."""
