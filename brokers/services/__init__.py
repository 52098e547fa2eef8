"""What can be done with the directory of agencies and brokers."""

from brokers.exports import export_agencies, export_brokers
from brokers.services.directory import (
    create_agency,
    create_broker,
    deactivate_broker,
    reactivate_broker,
    update_agency,
    update_broker,
    verify_agency,
    withdraw_verification,
)
from brokers.services.importing import ImportResult, import_agencies, import_brokers

__all__ = [
    "ImportResult",
    "create_agency",
    "create_broker",
    "deactivate_broker",
    "export_agencies",
    "export_brokers",
    "import_agencies",
    "import_brokers",
    "reactivate_broker",
    "update_agency",
    "update_broker",
    "verify_agency",
    "withdraw_verification",
]
