"""Backups of the database and the uploads, their restore, and the rehearsal that proves them. No models of its own."""
