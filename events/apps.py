from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = "活动"

    def ready(self) -> None:
        from events import planning  # noqa: F401, PLC0415 -- registers what a new year gets, once models are there
