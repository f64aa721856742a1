"""A worker whose mails leave seconds after they were recorded as sent."""

import threading

from django.core.mail import EmailMessage

from recruit.mail import EmailBackend

SECONDS = 6
send = EmailBackend.send_messages


def send_later(self: EmailBackend, messages: list[EmailMessage]) -> int:
    threading.Timer(SECONDS, send, [EmailBackend(), messages]).start()
    return len(messages)


EmailBackend.send_messages = send_later
