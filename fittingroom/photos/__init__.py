"""Shoppers' own photos: taken in, checked, kept for a while, erased."""
