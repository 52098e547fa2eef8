from django.urls import path

from enquiries.views.workbench import answers

urlpatterns = [
    path("workbench/demands/<public_id:public_id>/answer/", answers.demand_answer, name="demand_answer"),
    path("workbench/demands/<public_id:public_id>/answers/", answers.demand_answers, name="demand_answers"),
    path("workbench/approaches/<public_id:public_id>/decline/", answers.answer_decline, name="answer_decline"),
    path(
        "workbench/approaches/<public_id:public_id>/achievement/", answers.answer_achievement, name="answer_achievement"
    ),
]
