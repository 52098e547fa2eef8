from portfolio.models.bulk_edit import BulkEdit, BulkEditRow
from portfolio.models.consent import CompleterConsent
from portfolio.models.daily_views import DailyViews
from portfolio.models.delegation import DelegatedItem, ItemProposal
from portfolio.models.media import Picture, Video
from portfolio.models.patent import PatentStatus
from portfolio.models.renewal import RenewalAnswer, RenewalCampaign, RenewalRequest

__all__ = [
    "BulkEdit",
    "BulkEditRow",
    "CompleterConsent",
    "DailyViews",
    "DelegatedItem",
    "ItemProposal",
    "PatentStatus",
    "Picture",
    "RenewalAnswer",
    "RenewalCampaign",
    "RenewalRequest",
    "Video",
]
