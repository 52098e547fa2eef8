"""The client of the government's OpenID Connect provider: authorization code with PKCE, state and nonce (Authlib).

Authlib and what it uses are 250 modules. Only an installation with a provider loads them.
"""

import logging
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

log = logging.getLogger(__name__)
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""Signatures with a key pair. Not "none", and not HS256, with which the provider's public key could be the secret."""
LEEWAY = 30


class ProviderError(Exception):
    """The provider did not answer, or its answer is not to be trusted. What is wrong is in the log only."""


def is_configured() -> bool:
    return bool(settings.OIDC_ISSUER and settings.OIDC_CLIENT_ID)


def redirect_to_provider(request: HttpRequest) -> HttpResponse:
    """Raises ProviderError if the provider does not answer."""
    from authlib.common.errors import AuthlibBaseError
    from requests import RequestException

    try:
        return _client().authorize_redirect(request, settings.SITE_ADDRESS + reverse("government_callback"))
    except (AuthlibBaseError, RequestException, RuntimeError, ValueError, KeyError) as error:
        raise _provider_error("its metadata", error) from error


def read_answer(request: HttpRequest) -> dict[str, Any]:
    """The claims of the ID token that the answer in the address leads to, with `iss` and `sub`. Usable once.

    Signature, issuer, audience, expiry, nonce and state are checked. Raises ProviderError.
    """
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError
    from requests import RequestException

    try:
        client = _client()
        client.load_server_metadata()
        token = client.authorize_access_token(
            request,
            leeway=LEEWAY,
            claims_options={
                "iss": {"essential": True, "value": settings.OIDC_ISSUER},
                "aud": {"essential": True, "value": settings.OIDC_CLIENT_ID},
                "sub": {"essential": True},
                "exp": {"essential": True},
                "nonce": {"essential": True},
            },
        )
    except (AuthlibBaseError, JoseError, RequestException, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise _provider_error("its answer", error) from error
    claims = token.get("userinfo")
    if not claims or not isinstance(claims.get("sub"), str) or not claims["sub"].strip():
        raise _provider_error("its answer", ValueError("no ID token or no subject"))
    return dict(claims)


def _client() -> Any:
    client = _client_for(
        settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET, settings.OIDC_SCOPE
    )
    metadata = client.load_server_metadata()
    if str(metadata.get("issuer", "")).rstrip("/") != settings.OIDC_ISSUER:
        _client_for.cache_clear()
        raise ValueError("the metadata are those of another issuer")
    metadata["id_token_signing_alg_values_supported"] = ALGORITHMS
    return client


@lru_cache(maxsize=4)
def _client_for(issuer: str, client_id: str, secret: str, scope: str) -> Any:
    from authlib.integrations.django_client import OAuth

    return OAuth().register(
        "government",
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": scope, "code_challenge_method": "S256", "default_timeout": settings.OIDC_TIMEOUT},
    )


def _provider_error(part: str, error: Exception) -> ProviderError:
    """The type of the error is enough for the log: its text may hold claims of a person."""
    log.warning("sign-in with the government's provider: %s of %s", type(error).__name__, part)
    return ProviderError(part)
