from typing import Any

from django.db import migrations
from django.utils import timezone

from candidates import shipping, wording

# What was owed before staff owned the sequences: word -> sequence, number of its step.
FILL = """
UPDATE candidates_followup AS followup
SET step_id = step.id, lane = step.lane,
    anchor_at = CASE sequence.slug WHEN 'welcome' THEN coalesce(person.confirmed_at, followup.due_at)
        ELSE person.signed_up_at END
FROM (VALUES ('confirm', 'confirmation', 1), ('confirm_again', 'confirmation', 2),
    ('welcome', 'welcome', 1)) AS was (word, slug, number)
JOIN candidates_sequence AS sequence ON sequence.slug = was.slug
JOIN candidates_step AS step ON step.sequence_id = sequence.id AND step.number = was.number,
    candidates_candidate AS person
WHERE followup.word = was.word AND person.id = followup.candidate_id
"""


def ship(apps: Any, _schema_editor: Any) -> None:
    shipping.ship(get_model=apps.get_model, texts=wording.shipped(), now=timezone.now())


class Migration(migrations.Migration):

    dependencies = [
        ('candidates', '0006_sequences_that_staff_own'),
    ]

    operations = [
        migrations.RunPython(ship, migrations.RunPython.noop),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
