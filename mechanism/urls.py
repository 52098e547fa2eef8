"""Public pages and workbench pages of the mechanism app. Staff pages are listed in `admin_urls`."""

from django.urls import path

from mechanism.views.public import bases as public_bases
from mechanism.views.public import challenge_reviews as public_challenge_reviews
from mechanism.views.public import evaluations as public_evaluations
from mechanism.views.public import figures as public_figures
from mechanism.views.public import honours as public_honours
from mechanism.views.public import obstacles as public_obstacles
from mechanism.views.public import policies as public_policies
from mechanism.views.public import subsidies as public_subsidies
from mechanism.views.workbench import (
    base_requests,
    briefing,
    bureau_measures,
    closings,
    cockpit,
    evaluation_requests,
    evaluations,
    figures,
    fund_projects,
    honours,
    obstacles,
    policies,
    subsidies,
    target_allocation,
    trials,
)

_PUBLIC = [
    path("policies/", public_policies.policy_list, name="policy_list"),
    path("policies/<public_id:public_id>/", public_policies.policy_detail, name="policy_detail"),
    path("obstacles/", public_obstacles.obstacle_answers, name="obstacle_answers"),
    path("bases/", public_bases.base_list, name="base_list"),
    path("bases/<public_id:public_id>/", public_bases.base_detail, name="base_detail"),
    path("bases/<public_id:public_id>/ask/", public_bases.base_ask, name="base_ask"),
    path("honours/", public_honours.honour_list, name="honour_list"),
    path("honours/<public_id:public_id>/", public_honours.honour_detail, name="honour_detail"),
    path("honours/<public_id:public_id>/object/", public_honours.honour_object, name="honour_object"),
    path("evaluate/<public_id:code>/", public_evaluations.evaluate, name="evaluate"),
    path("challenges/review/<public_id:code>/", public_challenge_reviews.challenge_review, name="challenge_review"),
    path(
        "challenges/review/<public_id:code>/file/",
        public_challenge_reviews.challenge_review_file,
        name="challenge_review_file",
    ),
    path("subsidies/", public_subsidies.subsidy_publicity, name="subsidy_publicity"),
    path("subsidies/<public_id:public_id>/", public_subsidies.subsidy_grant, name="subsidy_grant"),
    path("subsidies/<public_id:public_id>/object/", public_subsidies.subsidy_object, name="subsidy_object"),
    path("subsidies/review/<public_id:code>/", public_subsidies.subsidy_review, name="subsidy_review"),
    path("subsidies/review/<public_id:code>/file/", public_subsidies.subsidy_review_file, name="subsidy_review_file"),
    path("figures/", public_figures.public_figures, name="public_figures"),
    path("figures/check/", public_figures.figure_check_form, name="figure_check_form"),
    path("figures/check/<public_id:code>/", public_figures.figure_check, name="figure_check"),
]

_WORKBENCH = [
    path("workbench/policies/<public_id:public_id>/", policies.policy_application, name="policy_prepare"),
    path(
        "workbench/policies/<public_id:public_id>/export/",
        policies.policy_application_sheet,
        name="policy_prepare_sheet",
    ),
    path("workbench/subsidies/", subsidies.subsidies, name="subsidies"),
    path("workbench/subsidies/board/", subsidies.subsidy_board, name="subsidy_board"),
    path("workbench/subsidies/calls/<public_id:public_id>/", subsidies.subsidy_call, name="subsidy_call"),
    path("workbench/subsidies/files/<public_id:public_id>/", subsidies.subsidy_file, name="subsidy_file"),
    path("workbench/subsidies/<public_id:public_id>/", subsidies.subsidy, name="subsidy"),
    path("workbench/subsidies/<public_id:public_id>/step/", subsidies.subsidy_step, name="subsidy_step"),
    path("workbench/funds/", fund_projects.fund_projects, name="fund_projects"),
    path("workbench/funds/achievements/", fund_projects.fund_achievements, name="fund_achievements"),
    path("workbench/funds/<public_id:public_id>/mark/", fund_projects.fund_mark, name="fund_mark"),
    path("workbench/funds/projects/<public_id:public_id>/", fund_projects.fund_project, name="fund_project"),
    path(
        "workbench/funds/projects/<public_id:public_id>/step/",
        fund_projects.fund_project_step,
        name="fund_project_step",
    ),
    path("workbench/base-requests/", base_requests.base_requests, name="base_requests"),
    path(
        "workbench/base-requests/<public_id:public_id>/", base_requests.base_request_answer, name="base_request_answer"
    ),
    path("workbench/measures/", bureau_measures.bureau_measures, name="bureau_measures"),
    path("workbench/measures/<public_id:public_id>/", bureau_measures.bureau_measure, name="bureau_measure"),
    path("workbench/measures/<public_id:public_id>/report/", bureau_measures.bureau_report, name="bureau_report"),
    path("workbench/measures/evidence/<public_id:public_id>/", bureau_measures.bureau_evidence, name="bureau_evidence"),
    path("workbench/obstacles/", obstacles.obstacles, name="obstacles"),
    path("workbench/obstacles/new/", obstacles.obstacle_new, name="obstacle_new"),
    path("workbench/obstacles/<public_id:public_id>/", obstacles.obstacle, name="obstacle"),
    path("workbench/obstacles/<public_id:public_id>/step/", obstacles.obstacle_step, name="obstacle_step"),
    path("workbench/base-requests/<public_id:public_id>/result/", trials.trial_result, name="trial_result"),
    path("workbench/trial-files/<public_id:public_id>/", trials.trial_file, name="trial_file"),
    path("honours/<public_id:public_id>/mine/", honours.honour_score, name="honour_mine"),
    path("workbench/evaluations/", evaluation_requests.evaluation_requests, name="evaluation_requests"),
    path(
        "workbench/achievements/<public_id:public_id>/evaluation/",
        evaluation_requests.evaluation_ask,
        name="evaluation_ask",
    ),
    path(
        "workbench/evaluations/<public_id:public_id>/",
        evaluation_requests.evaluation_request,
        name="evaluation_request",
    ),
    path(
        "workbench/evaluations/<public_id:public_id>/step/",
        evaluation_requests.evaluation_request_step,
        name="evaluation_request_step",
    ),
    path("evaluations/<public_id:public_id>/report/", evaluations.report, name="evaluation_report"),
    path("evaluations/<public_id:public_id>/publish/", evaluations.evaluation_publish, name="evaluation_publish"),
    path("workbench/closings/", closings.closings, name="closings"),
    path("workbench/closings/<slug:month>/", closings.closing_check, name="closing_check"),
    path("workbench/closings/versions/<public_id:public_id>/", closings.figure_version, name="figure_version"),
    path(
        "workbench/closings/versions/<public_id:public_id>/sign/",
        closings.figure_version_sign,
        name="figure_version_sign",
    ),
    path(
        "workbench/closings/versions/<public_id:public_id>/withdraw/",
        closings.figure_version_withdraw,
        name="figure_version_withdraw",
    ),
    path(
        "workbench/closings/versions/<public_id:public_id>/paper/",
        closings.figure_version_paper,
        name="figure_version_paper",
    ),
    path("workbench/figures/", cockpit.cockpit, name="board"),
    path("workbench/figures/wall/", cockpit.wall, name="board_wall"),
    path("workbench/figures/method/", cockpit.forecast_method, name="forecast_method"),
    path("workbench/figures/targets/", target_allocation.target_allocation, name="target_allocation"),
    path("workbench/figures/targets/<public_id:public_id>/", target_allocation.target_answer, name="target_answer"),
    path("workbench/figures/briefing/", briefing.briefing, name="briefing"),
    path("workbench/figures/briefing/export/", briefing.briefing_file, name="briefing_file"),
    path("workbench/figures/tables/", figures.dashboard, name="board_tables"),
    path("workbench/figures/export/", figures.export_dashboard, name="board_export"),
    path("workbench/figures/<slug:key>/", figures.figure, name="figure"),
    path("workbench/figures/<slug:key>/rows/", figures.figure_records, name="figure_rows"),
    path("workbench/figures/<slug:key>/changes/", figures.figure_changes, name="figure_changes"),
    path("workbench/figures/<slug:key>/export/", figures.export_figure, name="figure_export"),
]

urlpatterns = [*_PUBLIC, *_WORKBENCH]
