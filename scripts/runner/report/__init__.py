# SPDX-License-Identifier: MIT
"""What a run has to say: text.py on the terminal, junit.py and as_json.py for other programs."""
from . import as_json, junit, text  # noqa: F401
from .places import need_places  # noqa: F401
