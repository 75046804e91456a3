"""Proof that nothing is lost and nothing happens twice: the copilot is killed, paused and cut off, and then judged."""
