# SPDX-License-Identifier: Apache-2.0
"""One thread in a command, and the user's own number in what it starts to train."""

import json
import os
import subprocess
import sys

import pytest

from synthkit.threads import VARIABLES

SCRIPT = """
import json, os, sys
from synthkit.cli import main
from synthkit.threads import users_environment
try:
    main(["--version"])
finally:
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
    told = [[e.get(n) for n in names] for e in (os.environ, users_environment())]
    print(json.dumps(told))
"""


@pytest.mark.parametrize(
    ("given", "here", "trained"),
    [
        ({}, ["1", "1"], [None, None]),
        ({"OMP_NUM_THREADS": "3"}, ["3", "1"], ["3", None]),
        ({"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}, ["1", "1"], ["1", "1"]),
    ],
)
def test_a_command_takes_one_thread_and_what_it_starts_the_users(given, here, trained):
    """A training took one core of many: it was told what the command had set for itself."""
    own = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=own | given, capture_output=True, text=True, check=False
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [here, trained], done.stderr
