"""Pages of the staff for what an admin form does not show well, one folder per matter."""
