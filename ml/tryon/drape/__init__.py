"""Our own engine: part-wise warp of the garment plus composition. CPU-fast, always there."""
