from django.conf import settings
from django.urls import path

from calendars.views.public.feed import calendar_feed
from calendars.views.workbench.feed import calendar, calendar_end

urlpatterns = [
    path(f"calendar/<str:secret>/{settings.CITY.key}.ics", calendar_feed, name="calendar_feed"),
    path("workbench/calendar/", calendar, name="calendar"),
    path("workbench/calendar/end/", calendar_end, name="calendar_end"),
]
