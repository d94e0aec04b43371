"""Fitting models from the photo to the shop: annotated by a worker, corrected and accepted."""
