from django.urls import path

from enquiries.views.public.enquiries import enquire
from enquiries.views.staff import ready_pairs
from enquiries.views.workbench import answers, approaches, talks

urlpatterns = [
    path("achievements/<public_id:public_id>/enquire/", enquire, name="enquire"),
    path("workbench/approaches/", approaches.approach_list, name="approaches"),
    path("workbench/approaches/<public_id:public_id>/", approaches.approach_detail, name="approach"),
    path("workbench/approaches/<public_id:public_id>/do/<slug:step>/", approaches.approach_step, name="approach_step"),
    path("workbench/approaches/files/<public_id:public_id>/", approaches.approach_file, name="approach_file"),
    path("workbench/talks/<public_id:public_id>/<slug:step>/", talks.talk_step, name="talk_step"),
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
