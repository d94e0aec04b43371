"""Training of the garment annotator."""
