"""The language model behind `ports.LLM`, and the rules that every prompt gets."""
