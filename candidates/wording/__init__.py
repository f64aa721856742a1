"""The small language that staff write mails in: read, checked, compiled, and the shipped texts.

A text is Markdown of the simplest kind: paragraphs, **bold**, *emphasis*, lists, ## headings and
[words](links). A line break that is typed is a line break that is shown. `# ` begins the headline,
which opens every text; a first line `preview: ...` is what a mailbox shows beside the subject
(without one, the first sentence that is no greeting). A paragraph that is one link alone is the
button. `{first_name|friend}` says something of the reader; fields.py has the table.
"""

from candidates.wording.checking import check
from candidates.wording.compiling import Blank, Filled, compiled, filled
from candidates.wording.faults import Fault, Refused
from candidates.wording.fields import FIELDS, Field
from candidates.wording.shipping import Shipped, shipped

__all__ = [
    "FIELDS",
    "Blank",
    "Fault",
    "Field",
    "Filled",
    "Refused",
    "Shipped",
    "check",
    "compiled",
    "filled",
    "shipped",
]
