from django.urls import path

from deals.views.workbench import contracts, deals

urlpatterns = [
    path("workbench/deals/", deals.deals, name="deals"),
    path("workbench/deals/new/", deals.deal_new, name="deal_new"),
    path("workbench/deals/<public_id:public_id>/", deals.deal, name="deal"),
    path("workbench/deals/<public_id:public_id>/do/", deals.deal_do, name="deal_do"),
    path("workbench/follow-ups/<public_id:public_id>/deal/", deals.deal_open, name="deal_open"),
    path("workbench/meetings/<public_id:public_id>/deal/", deals.deal_open_meeting, name="deal_open_meeting"),
    path("workbench/deal-files/<public_id:public_id>/", deals.deal_file, name="deal_file"),
    path("workbench/deal-files/<public_id:public_id>/remove/", deals.deal_file_remove, name="deal_file_remove"),
    path("workbench/contracts/check/", contracts.worklist, name="contract_worklist"),
    path("workbench/contracts/<public_id:public_id>/", contracts.contract, name="contract"),
    path("workbench/contracts/<public_id:public_id>/do/", contracts.contract_do, name="contract_do"),
    path("workbench/contracts/<public_id:public_id>/check/", contracts.contract_check, name="contract_check"),
    path(
        "workbench/contracts/<public_id:public_id>/word/download/",
        contracts.contract_paper,
        {"kind": "docx"},
        name="contract_word",
    ),
    path(
        "workbench/contracts/<public_id:public_id>/excel/download/",
        contracts.contract_paper,
        {"kind": "xlsx"},
        name="contract_sheet",
    ),
]
