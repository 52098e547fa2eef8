from django.urls import path

from matching.views.public.follow_up_checks import check
from matching.views.workbench.agreements import agreement_copy, agreement_end, agreement_upload
from matching.views.workbench.follow_up_checks import check_by_phone
from matching.views.workbench.meeting_feedback import meeting_feedback
from matching.views.workbench.side_feedback import new_side_feedback, side_feedback, side_feedback_withdraw

urlpatterns = [
    path("c/<public_id:code>/", check, name="check"),
    path("workbench/follow-ups/<public_id:public_id>/agreement/", agreement_upload, name="agreement_upload"),
    path("workbench/follow-ups/<public_id:public_id>/agreement/end/", agreement_end, name="agreement_end"),
    path("workbench/agreements/<public_id:public_id>/", agreement_copy, name="agreement_copy"),
    path("workbench/checks/<public_id:public_id>/", check_by_phone, name="check_by_phone"),
    path("workbench/feedback/", meeting_feedback, name="talk_feedback"),
    path("workbench/unfit/", side_feedback, name="side_feedback"),
    path("workbench/unfit/new/", new_side_feedback, name="side_feedback_new"),
    path("workbench/unfit/<public_id:public_id>/withdraw/", side_feedback_withdraw, name="side_feedback_withdraw"),
]
