"""What trains :mod:`ml.garment.pattern`."""
