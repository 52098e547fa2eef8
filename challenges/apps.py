from django.apps import AppConfig


class ChallengesConfig(AppConfig):
    name = "challenges"
    verbose_name = "揭榜挂帅"

    def ready(self) -> None:
        from calendars.sources import register_source as register_calendar
        from challenges.calendar_events import challenge_events
        from challenges.open_work import challenge_work
        from open_work.sources import register_source

        register_calendar("challenges", challenge_events)
        register_source("challenges", challenge_work, order=35)
