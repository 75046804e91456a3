"""Evidence kept as it was at a moment: what belongs to it (gathered), in files (packed), kept, checked, written out."""
