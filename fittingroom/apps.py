from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FittingRoomConfig(AppConfig):
    name = "fittingroom"
    verbose_name = _("Fitting room")
