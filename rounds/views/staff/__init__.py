"""Pages of the staff desk about rounds, a folder for each matter."""
