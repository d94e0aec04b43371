"""Recipes that train what ``ml/models`` holds.

No server imports this package; ``manage.py import_fitting_models`` reads VITON-HD folders with it.
"""
