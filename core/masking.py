"""Masked contact details for pages that any staff member may open (GB/T 35273: 展示限制)."""


def mask_name(name: str) -> str:
    """张三丰 → 张**"""
    return name[:1] + "*" * max(1, len(name) - 1) if name else ""


def mask_phone(phone: str) -> str:
    """13812345678 → 138****5678; a short number is masked completely."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) > 7 else "****" if phone else ""


def mask_email(email: str) -> str:
    """zhang@example.com → z***@example.com"""
    local, _at, domain = email.partition("@")
    return f"{local[:1]}***@{domain}" if domain else ""
