"""Garment photos: cut out, located, named."""
