"""The project itself, as a Django app: its commands, its Celery app, its checks."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    label = "otbang"

    def ready(self) -> None:
        # Tasks made with `shared_task` belong to the app that exists first. Not imported in
        # `config/__init__.py`: the keepers of the embedded servers import this package too.
        import_module("config.celery")
        import_module("config.checks")
