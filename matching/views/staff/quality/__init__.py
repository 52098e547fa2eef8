"""匹配质量: the staff page that says how good the matching has been, by its own decisions."""
