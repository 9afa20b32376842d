"""What holds for all tests."""

import os

from hypothesis import settings

# The same examples in every run: a change is judged by itself, not by luck.
# HYPOTHESIS_RANDOM=1 looks for others.
settings.register_profile("steady", derandomize=not os.environ.get("HYPOTHESIS_RANDOM"))
settings.load_profile("steady")
