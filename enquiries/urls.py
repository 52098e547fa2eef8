from django.urls import path

from enquiries.forms import FORMS
from enquiries.views.public.enquiries import enquire
from enquiries.views.workbench import approaches, talks

AT = "workbench/approaches/"

urlpatterns = [
    path("achievements/<public_id:public_id>/enquire/", enquire, name="enquire"),
    path(AT, approaches.approach_list, name="approaches"),
    path(f"{AT}<public_id:public_id>/", approaches.approach_detail, name="approach"),
    *(
        path(f"{AT}<public_id:public_id>/{step}/", approaches.approach_step, {"step": step}, name=f"approach_{step}")
        for step in (*FORMS, *approaches.SIMPLE_STEPS)
    ),
    path(f"{AT}files/<public_id:public_id>/", approaches.approach_file, name="approach_file"),
    *(
        path(f"workbench/talks/<public_id:public_id>/{step}/", talks.talk_step, {"step": step}, name=f"talk_{step}")
        for step in talks.STEPS
    ),
    path("workbench/talks/<public_id:public_id>.ics", talks.talk_calendar, name="talk_calendar"),
]
