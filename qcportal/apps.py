from django.apps import AppConfig


class QcportalConfig(AppConfig):
    name = "qcportal"
    verbose_name = "平台"

    def ready(self) -> None:
        from qcportal import checks  # noqa: F401, PLC0415 -- registers the checks once models exist
