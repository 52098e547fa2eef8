"""What an institution's office does with its achievements: edit cells and many rows at once, renew, note patents."""
