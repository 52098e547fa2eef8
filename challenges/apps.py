from django.apps import AppConfig


class ChallengesConfig(AppConfig):
    name = "challenges"
    verbose_name = "揭榜挂帅"

    def ready(self) -> None:
        from calendars.sources import register_source as register_calendar
        from challenges.calendar_events import challenge_events
        from challenges.deal_part import challenge_part
        from challenges.open_work import challenge_work
        from challenges.sent_texts import TEXTS
        from deals.page_parts import register_part
        from notices.texts.declared import register_texts
        from open_work.sources import register_source

        register_texts(TEXTS)
        register_calendar("challenges", challenge_events)
        register_source("challenges", challenge_work, order=35)
        register_part(challenge_part)
