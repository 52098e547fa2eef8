"""Deals and contracts on the workbench. Staff pages: `deals.admin_urls`."""

from django.urls import path

from deals.views.public import price_publicity
from deals.views.public.confirmation_link import confirmation_link
from deals.views.public.income_share import income_share_link
from deals.views.workbench import (
    confirmations,
    contract_worklist,
    contracts,
    deals,
    evidence_worklist,
    income,
    lists,
    payments_due,
    price_publicities,
)

urlpatterns = [
    path("confirm/record/<str:token>/", confirmation_link, name="confirmation_link"),
    path("income/<slug:token>/", income_share_link, name="income_share_link"),
    path("price-publicity/", price_publicity.publicity_list, name="price_publicity_list"),
    path("price-publicity/<public_id:public_id>/", price_publicity.publicity_detail, name="price_publicity"),
    path("workbench/price-publicity/", price_publicities.price_publicities, name="price_publicities"),
    path("workbench/income/", income.income_cases, name="income_cases"),
    path("workbench/income/mine/", income.own_shares, name="own_income_shares"),
    path("workbench/income/<public_id:public_id>/", income.income_case, name="income_case"),
    path("workbench/income/<public_id:public_id>/step/", income.income_case_step, name="income_case_step"),
    path("workbench/income/<public_id:public_id>/plan/download/", income.income_plan, name="income_plan"),
    path("workbench/confirmations/", confirmations.confirmations, name="confirmations"),
    path("workbench/confirmations/<public_id:public_id>/", confirmations.confirmation, name="confirmation"),
    path("workbench/deals/", lists.deals, name="deals"),
    path("workbench/deals/export/", lists.deals_export, name="deals_export"),
    path("workbench/deals/views/save/", lists.view_save, {"page": "deals"}, name="deals_view_save"),
    path("workbench/contracts/", lists.contracts, name="contracts"),
    path("workbench/contracts/export/", lists.contracts_export, name="contracts_export"),
    path("workbench/contracts/views/save/", lists.view_save, {"page": "contracts"}, name="contracts_view_save"),
    path("workbench/payments/", payments_due.payments_due, name="payments_due"),
    path(
        "workbench/payments/<public_id:public_id>/letter/", payments_due.payment_letter_new, name="payment_letter_new"
    ),
    path("workbench/payment-letters/<public_id:public_id>/", payments_due.payment_letter, name="payment_letter"),
    path(
        "workbench/payment-letters/<public_id:public_id>/word/download/",
        payments_due.payment_letter_word,
        name="payment_letter_word",
    ),
    path("workbench/views/<public_id:public_id>/remove/", lists.view_remove, name="view_remove"),
    path("workbench/deals/new/", deals.deal_new, name="deal_new"),
    path("workbench/deals/<public_id:public_id>/", deals.deal, name="deal"),
    path("workbench/deals/<public_id:public_id>/do/", deals.deal_step, name="deal_do"),
    path("workbench/follow-ups/<public_id:public_id>/deal/", deals.deal_open, name="deal_open"),
    path("workbench/meetings/<public_id:public_id>/deal/", deals.deal_open_meeting, name="deal_open_meeting"),
    path("workbench/deal-files/<public_id:public_id>/", deals.deal_file, name="deal_file"),
    path("workbench/deal-files/<public_id:public_id>/remove/", deals.deal_file_remove, name="deal_file_remove"),
    path("workbench/evidence/", evidence_worklist.evidence_worklist, name="evidence_worklist"),
    path("workbench/contracts/check/", contract_worklist.contract_worklist, name="contract_worklist"),
    path("workbench/contracts/<public_id:public_id>/", contracts.contract, name="contract"),
    path("workbench/contracts/<public_id:public_id>/do/", contracts.contract_step, name="contract_do"),
    path("workbench/contracts/<public_id:public_id>/check/", contract_worklist.check_contract, name="contract_check"),
    path(
        "workbench/contracts/<public_id:public_id>/word/download/",
        contracts.contract_form_file,
        {"kind": "docx"},
        name="contract_word",
    ),
    path(
        "workbench/contracts/<public_id:public_id>/excel/download/",
        contracts.contract_form_file,
        {"kind": "xlsx"},
        name="contract_sheet",
    ),
]
