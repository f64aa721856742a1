"""Which tasks there are, in which queue each waits, and how often beat asks for each."""

# Mail has workers of its own: a slow mail server must not keep the tallies waiting. So have files
# that take many seconds to write. A worker that is told no queue takes all of them.
QUEUES = {
    "celery": (),
    "mail": ("candidates.tasks.send_urgent", "partners.tasks.send_letters"),
    "bulk": ("candidates.tasks.send_bulk", "candidates.tasks.read_mailbox"),
    "files": (
        "candidates.tasks.make_lead_files",
        "candidates.tasks.expire_lead_files",
        "partners.tasks.make_number_files",
        "partners.tasks.expire_number_files",
        "partners.tasks.watch_sums",
        "partners.tasks.tend_rehearsal",
    ),
    # Waits for the servers of others.
    "hooks": (
        "candidates.tasks.plan_hooks",
        "candidates.tasks.send_hooks",
        "partners.tasks.expire_deliveries",
    ),
}

# The tasks that beat asks for again and again, and every how many seconds.
SWEEPS = {
    "partners.tasks.fold_credits": 1.0,
    "partners.tasks.fold_visits": 1.0,
    "partners.tasks.watch_sums": 300.0,
    "partners.tasks.look_back_at_milestones": 60.0,
    "candidates.tasks.send_urgent": 1.0,
    "candidates.tasks.send_bulk": 1.0,
    "candidates.tasks.read_mailbox": 60.0,
    "partners.tasks.announce_milestones": 5.0,
    "partners.tasks.owe_goals": 5.0,
    "partners.tasks.owe_digests": 600.0,
    "partners.tasks.send_letters": 1.0,
    "candidates.tasks.make_lead_files": 2.0,
    "partners.tasks.make_number_files": 2.0,
    "candidates.tasks.expire_lead_files": 600.0,
    "partners.tasks.expire_number_files": 600.0,
    "candidates.tasks.plan_hooks": 2.0,
    "candidates.tasks.send_hooks": 1.0,
    "partners.tasks.expire_deliveries": 600.0,
    "partners.tasks.tend_rehearsal": 3.0,
}
# A rehearsal tells no partner's system of anything, mails nobody the news of a week that it did not
# have, and leaves the bounces of real mail in their box.
NOT_REHEARSED = {
    "candidates.tasks.plan_hooks",
    "candidates.tasks.send_hooks",
    "candidates.tasks.read_mailbox",
    "partners.tasks.owe_digests",
    "partners.tasks.tend_rehearsal",
}
