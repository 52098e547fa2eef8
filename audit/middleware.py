from audit.origin import origin
from core.client_address import client_address


class AuditOriginMiddleware:
    """Name the visitor's address in every audit record that this request writes."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        kind = "接口" if request.path.startswith("/api/") else "网页"
        with origin(kind, client_address(request)):
            return self.get_response(request)
