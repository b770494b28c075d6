"""Run the few tests that failed beside others once more, one at a time (`make again`).

Tests with real servers, browsers and kills share two cores. One that fails alone, too, is broken. What is held whatever
else runs (properties, faults, protection) is never forgiven, nor is a run that broke off, or failed at large.
"""

import json
import subprocess
import sys
from pathlib import Path

FAILED = Path(".pytest_cache/v/cache/lastfailed")
AT_MOST = 8
NEVER = ("tests/property/", "tests/faults/", "tests/protection/", "tests/structure/", "tests/unit/")


def again() -> int:
    """Exit code 0 where each of them passes alone."""
    failed = sorted(json.loads(FAILED.read_text())) if FAILED.exists() else []
    print("Failed beside others:", *failed, sep="\n  ")
    if not 0 < len(failed) <= AT_MOST or any(name.startswith(NEVER) or "::" not in name for name in failed):
        return 1
    return subprocess.run([sys.executable, "-m", "pytest", *failed], check=False).returncode


if __name__ == "__main__":
    sys.exit(again())
