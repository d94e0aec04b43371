"""The fitting room for merchants and analysts. Importing this registers all of it."""

from fittingroom.admin import engines, fitting_models, garments, photos, ratings, tryons

__all__ = ["engines", "fitting_models", "garments", "photos", "ratings", "tryons"]
