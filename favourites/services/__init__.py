"""What a user does with favourites. They are private, so nothing is written to the audit trail."""
