"""Who wears it: fitting models, shoppers' photos, try-ons, ratings and the engines' switches."""

from fittingroom.models.common import ReasonCode, private_storage
from fittingroom.models.engines import EngineConfig
from fittingroom.models.fitting_models import FittingModel, fitting_model_photo_path
from fittingroom.models.garments import GarmentLabels
from fittingroom.models.people import PersonPhoto
from fittingroom.models.tryons import Rating, TryOn, TryOnGarment

__all__ = [
    "EngineConfig",
    "FittingModel",
    "GarmentLabels",
    "PersonPhoto",
    "Rating",
    "ReasonCode",
    "TryOn",
    "TryOnGarment",
    "fitting_model_photo_path",
    "private_storage",
]
