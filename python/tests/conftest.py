"""Where the tests find jouleflow: JOULEFLOW_COMMAND, or the build of the project that this folder is in."""

import os
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

os.environ.setdefault("JOULEFLOW_COMMAND", shlex.join(["node", str(ROOT / "bin" / "jouleflow.js")]))

PRESETS = sorted(file.stem for file in (ROOT / "experiments" / "presets").glob("*.yaml"))


@pytest.fixture(params=PRESETS)
def preset(request: pytest.FixtureRequest) -> str:
    """Every preset of the project."""
    return request.param

try:
    import torch
except ImportError:
    pass
else:
    # Small networks are no faster on several threads, and far slower where other processes want them too.
    torch.set_num_threads(1)
