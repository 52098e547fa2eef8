import gc

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "门户与工作台"

    def ready(self) -> None:
        from open_work.sources import register_source
        from portal.open_work import own_work, staff_work

        register_source("portal", staff_work, order=10)
        register_source("portal.own", own_work, order=20)

        # The last app: nearly all is imported. It stays, so it is neither searched again nor copied by forked workers.
        gc.enable()  # `dalian_techtransfer` disabled it
        gc.freeze()
