"""Tasks that Celery beat sends, and when."""

from celery.schedules import crontab

CELERY_BEAT_SCHEDULE = {
    "prepare data requests": {"task": "privacy.tasks.prepare_waiting", "schedule": 300.0, "options": {"expires": 300}},
    "remind of data requests": {"task": "privacy.tasks.remind_handlers", "schedule": crontab(hour=7, minute=30)},
    "delete old proofs": {"task": "members.tasks.delete_old_proofs", "schedule": crontab(hour=3, minute=20)},
    "announce sign-ups": {"task": "members.tasks.announce_waiting", "schedule": 300.0, "options": {"expires": 300}},
    "worker pulse": {"task": "matching.tasks.beat_pulse", "schedule": 15.0, "options": {"expires": 30}},
    # Before the chunks that wait in its queue, but after the one that is computed now.
    "batch pulse": {
        "task": "matching.tasks.beat_pulse",
        "args": ("batch",),
        "schedule": 60.0,
        "options": {"queue": "batch", "expires": 300},
    },
    "enqueue lost match runs": {"task": "matching.tasks.sweep_runs", "schedule": 30.0, "options": {"expires": 60}},
    "match what was published": {
        "task": "matching.tasks.match_published",
        "schedule": 30.0,
        "options": {"expires": 60},
    },
    "send notifications": {"task": "notices.tasks.sweep_deliveries", "schedule": 60.0, "options": {"expires": 60}},
    "remind sides": {"task": "matching.tasks.remind_sides", "schedule": 600.0, "options": {"expires": 600}},
    "remind of approaches": {
        "task": "enquiries.tasks.remind_of_approaches",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "remind of help requests": {
        "task": "brokerage.tasks.remind_of_help_requests",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "withdraw ended announcements": {
        "task": "rounds.tasks.withdraw_ended_announcements",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "tend mandates": {"task": "mandates.tasks.tend_mandates", "schedule": crontab(hour=0, minute=20)},
    "tell of first candidates": {
        "task": "matching.tasks.tell_of_first_candidates",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "enqueue lost imports": {
        "task": "achievements.tasks.sweep_sheet_imports",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "enqueue lost checks of sheets": {
        "task": "portal.tasks.sweep_sheet_checks",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "enqueue lost papers": {"task": "rounds.tasks.sweep_papers", "schedule": 60.0, "options": {"expires": 60}},
    "send follow-up checks": {"task": "matching.tasks.send_checks", "schedule": 900.0, "options": {"expires": 900}},
    "close ended rounds": {"task": "rounds.tasks.close_ended_rounds", "schedule": 60.0, "options": {"expires": 120}},
    "enqueue lost timetable runs": {
        "task": "rounds.tasks.sweep_plannings",
        "schedule": 30.0,
        "options": {"expires": 60},
    },
    "refresh similar records": {
        "task": "matching.tasks.refresh_similar",
        "schedule": 120.0,
        "options": {"expires": 100},
    },
    "refresh all similar records": {
        "task": "matching.tasks.refresh_similar",
        "schedule": crontab(hour=3, minute=40),
        "kwargs": {"always": True},
    },
    "remove unused indexes": {"task": "matching.tasks.forget_unused_indexes", "schedule": crontab(hour=4, minute=20)},
    "learn from decisions": {"task": "matching.tasks.learn_from_decisions", "schedule": crontab(hour=2, minute=40)},
    "find what is new for subscriptions": {
        "task": "subscriptions.tasks.find_new_items",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "store views": {"task": "portfolio.tasks.store_views", "schedule": 300.0, "options": {"expires": 300}},
    "retry pictures": {"task": "portfolio.tasks.retry_pictures", "schedule": 900.0, "options": {"expires": 900}},
    "mark lost documents": {"task": "drafting.tasks.mark_lost", "schedule": 300.0, "options": {"expires": 300}},
    "remind completers": {"task": "portfolio.tasks.remind_completers", "schedule": crontab(hour=8, minute=40)},
    "remind completers of questions": {
        "task": "correspondence.tasks.remind_completers",
        "schedule": crontab(hour=8, minute=45),
    },
    # One letter a month for each person; the later days catch up if nothing ran on the first.
    "send monthly letters": {
        "task": "correspondence.tasks.send_monthly_letters",
        "schedule": crontab(hour=9, minute=10, day_of_month="1-10"),
    },
    "remind owners of measures": {"task": "mechanism.tasks.remind_owners", "schedule": crontab(hour=7, minute=20)},
    "forget old totals": {"task": "mechanism.tasks.forget_old_totals", "schedule": crontab(hour=3, minute=50)},
    "forget old changes": {"task": "portal.tasks.forget_old_changes", "schedule": crontab(hour=3, minute=55)},
    "scan changed records": {
        "task": "integrity.tasks.scan_changes",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "scan all records": {"task": "integrity.tasks.scan_all", "schedule": crontab(hour=1, minute=50)},
    "remind parties to explain": {"task": "integrity.tasks.remind_parties", "schedule": crontab(hour=7, minute=35)},
    "remind parties to confirm": {"task": "deals.tasks.remind_parties", "schedule": crontab(hour=7, minute=30)},
    "resume and expire demands": {"task": "demands.tasks.resume_and_remind", "schedule": crontab(hour=7, minute=10)},
    "delete expired sign-in data": {
        "task": "accounts.tasks.forget_old_attempts",
        "schedule": crontab(hour=3, minute=10),
    },
    "send account mails": {
        "task": "authentication.tasks.sweep_account_mails",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "delete expired devices and links": {
        "task": "authentication.tasks.forget_expired",
        "schedule": crontab(hour=3, minute=20),
    },
}
