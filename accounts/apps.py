from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from accounts.roles import grant

        # The one signal of this project. A data migration would be lost when a test empties the
        # tables, and would have to be repeated for every new model. Runs after Django's own
        # receiver, which makes the permissions.
        post_migrate.connect(grant, dispatch_uid="accounts.roles.grant")
