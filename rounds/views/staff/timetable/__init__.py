"""The page on which a round's timetable is planned: `board` says what stands on it, `pages` answers looking, `deeds`
doing."""
