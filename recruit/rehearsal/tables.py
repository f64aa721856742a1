"""What of the real day a rehearsal begins with, table by table, and what it never sees.

Each table of ours is in one of the two: tests/rehearsal holds the lists to the catalogue.
"""

# In the order in which they are copied: which rows, in the words of SQL; empty means all of them.
COPIED = {
    "django_content_type": "",
    "auth_permission": "",
    "auth_group": "",
    "auth_group_permissions": "",
    "partners_partner": "",
    "partners_user": "",
    "partners_user_groups": "",
    "partners_user_user_permissions": "",
    "otp_static_staticdevice": "",
    "otp_static_statictoken": "",
    "otp_totp_totpdevice": "",
    "partners_member": "",
    "partners_referrallink": "",
    "partners_linkcode": "",
    "partners_drive": "id = %(drive)s",
    "partners_milestone": "drive_id = %(drive)s",
    # Broadcasts stay behind, and each has a sequence of its own.
    "candidates_sequence": "trigger <> 'by_hand'",
    "candidates_step": "sequence_id IN (SELECT id FROM candidates_sequence"
    " WHERE trigger <> 'by_hand')",
    "candidates_steptext": "step_id IN (SELECT step.id FROM candidates_step AS step"
    " JOIN candidates_sequence AS sequence ON sequence.id = step.sequence_id"
    " WHERE sequence.trigger <> 'by_hand')",
    "candidates_suppression": "",
}
LEFT = frozenset(
    {
        "candidates_broadcast",
        "candidates_candidate",
        "candidates_consent",
        "candidates_followup",
        "candidates_leadexport",
        "candidates_leadfetch",
        "candidates_mailevent",
        "candidates_mailground",
        "candidates_mailpause",
        "candidates_phoneconflict",
        "candidates_resubmission",
        "candidates_tombstone",
        "candidates_touch",
        "candidates_triageaction",
        "django_admin_log",
        "django_session",
        "partners_application",
        "partners_bottally",
        "partners_breakdowntally",
        "partners_correction",
        "partners_credit",
        "partners_delivery",
        "partners_drifted",
        "partners_endpoint",
        "partners_hold",
        "partners_hookmark",
        "partners_invitation",
        "partners_letter",
        "partners_mailroute",
        "partners_minutetally",
        "partners_numbersexport",
        "partners_recount",
        "partners_rehearsal",
        "partners_stafflook",
        "partners_statetally",
        "partners_tally",
        "partners_total",
        "partners_visitloss",
        "partners_visittally",
    }
)
# What a purge tells how many went.
COUNTED = {
    "people": ("candidates_candidate",),
    "mails": ("candidates_followup", "partners_letter"),
    "credits": ("partners_credit",),
}
