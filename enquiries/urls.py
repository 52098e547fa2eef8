from django.urls import path

from enquiries.forms import FORMS
from enquiries.views.public.enquiries import enquire
from enquiries.views.staff import ready_pairs
from enquiries.views.workbench import answers, approaches, talks

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
    path("workbench/ready-pairs/", ready_pairs.ready_pairs, name="ready_pairs"),
    path("workbench/approaches/<public_id:public_id>/note/", ready_pairs.approach_note, name="approach_note"),
    path("workbench/approaches/<public_id:public_id>/broker/", ready_pairs.approach_broker, name="approach_broker"),
    path("workbench/demands/<public_id:public_id>/answer/", answers.demand_answer, name="demand_answer"),
    path("workbench/demands/<public_id:public_id>/answers/", answers.demand_answers, name="demand_answers"),
    path("workbench/approaches/<public_id:public_id>/decline/", answers.answer_decline, name="answer_decline"),
    path(
        "workbench/approaches/<public_id:public_id>/achievement/", answers.answer_achievement, name="answer_achievement"
    ),
]
