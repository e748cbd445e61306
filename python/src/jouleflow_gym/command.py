"""Finds the ``jouleflow`` command."""

import os
import shlex
import shutil

MISSING = (
    "jouleflow was not found: set JOULEFLOW_COMMAND to the command that runs it, put jouleflow on PATH, "
    "or run `npm install jouleflow` in this folder."
)


def find_command() -> list[str]:
    """The words of the command that runs jouleflow.

    ``JOULEFLOW_COMMAND`` if it is set (as a shell would split it), else ``jouleflow`` on PATH, else
    ``npx --no-install jouleflow`` in the current folder. Raises FileNotFoundError if there is none of them.
    """
    given = os.environ.get("JOULEFLOW_COMMAND", "")
    if given.strip():
        return shlex.split(given)
    found = shutil.which("jouleflow")
    if found is not None:
        return [found]
    npx = shutil.which("npx")
    if npx is None:
        raise FileNotFoundError(MISSING)
    return [npx, "--no-install", "jouleflow"]
