"""What looks at single interactions of AI systems and says how good and how safe they are: one module a question."""
