"""What calls to other systems share: deadlines, retries, size caps, and what a vendor needs at its second plugin."""
