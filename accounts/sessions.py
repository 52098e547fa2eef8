"""Sessions in the database that end after half an hour without a request, without a write for each request."""

from datetime import timedelta

from django.contrib.sessions.backends import db

RENEWED_AFTER = timedelta(minutes=1)
"""A session ends up to this much earlier after the last request than `SESSION_COOKIE_AGE` says."""


class SessionStore(db.SessionStore):
    """`SESSION_SAVE_EVERY_REQUEST` would write the whole row for each request. Besides its cost, a slow request would
    put back what it had read at its start, over what another request of the same browser has stored meanwhile.
    """

    _stored_end = None

    def _get_session_from_db(self):
        row = super()._get_session_from_db()
        self._stored_end = row.expire_date if row else None
        return row

    def renew(self) -> None:
        """Move the end of the session, and nothing else of it, if it has been a minute since the last time."""
        accessed = self.accessed
        end = self.get_expiry_date()  # reads the session
        self.accessed = accessed  # by the page: a page that did not read it is the same for all visitors
        if self.session_key and self._stored_end and end - self._stored_end > RENEWED_AFTER:
            self.model.objects.filter(session_key=self.session_key).update(expire_date=end)
            self._stored_end = end
