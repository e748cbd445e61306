"""How a server is found, started and ended; and what is left when either side is killed."""

import os
import random
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from jouleflow_gym import EnvServerError, FleetEnv, FleetVectorEnv, find_command

# How often each side is killed: a few times as a test, 50 times as an experiment.
KILLS = int(os.environ.get("JOULEFLOW_KILLS", "4"))


def processes_with(mark: str) -> list[int]:
    """Processes whose command line has the mark, this one aside."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace")
        except (OSError, ValueError):
            continue
        if entry.name.isdigit() and mark in words and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


def until_none(mark: str) -> list[int]:
    """The same, once they are gone or five seconds are over."""
    for _ in range(100):
        if not processes_with(mark):
            return []
        time.sleep(0.05)
    return processes_with(mark)


def test_the_command_is_what_the_variable_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOULEFLOW_COMMAND", "node '/a path/jouleflow.js'")
    assert find_command() == ["node", "/a path/jouleflow.js"]


def test_or_what_is_on_the_path_or_npx(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JOULEFLOW_COMMAND")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="set JOULEFLOW_COMMAND .*PATH, or run `npm install jouleflow`"):
        find_command()
    for name, expected in (("npx", ["--no-install", "jouleflow"]), ("jouleflow", [])):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
        assert find_command() == [str(tmp_path / name), *expected]


def test_npx_without_the_package_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "npx").write_text("#!/bin/sh\necho 'npm error npx canceled due to missing packages' >&2\nexit 1\n")
    (tmp_path / "npx").chmod(0o755)
    monkeypatch.delenv("JOULEFLOW_COMMAND")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr("shutil.which", lambda name: str(tmp_path / "npx") if name == "npx" else None)
    with pytest.raises(EnvServerError, match="jouleflow was not found"):
        FleetEnv()


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("no-such-command-here", "no-such-command-here cannot be started: No such file or directory"),
        ("sh -c 'echo nonsense >&2; exit 3'", "ended with exit code 3: nonsense"),
        ("sh -c 'kill -9 $$'", "was ended by SIGKILL"),
        ("sh -c 'echo this is no frame, it is text; cat > /dev/null'", "does not speak this protocol"),
    ],
)
def test_what_is_no_server_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch, command: str, sentence: str) -> None:
    monkeypatch.setenv("JOULEFLOW_COMMAND", command)
    with pytest.raises(EnvServerError, match=sentence):
        FleetEnv()


def test_what_the_server_refuses_is_its_own_sentence() -> None:
    with pytest.raises(EnvServerError, match='^jouleflow: --preset: there is no "prise". Did you mean "price"'):
        FleetEnv("prise")


def test_a_closed_environment_says_so() -> None:
    environment = FleetEnv()
    environment.reset(seed=1)
    environment.close()
    environment.close()
    with pytest.raises(EnvServerError, match="The environment is closed"):
        environment.step(np.zeros(3, np.float32))


def test_nothing_is_left_of_an_environment_that_is_dropped() -> None:
    mark = "fleet.sites.0.name=\"Dropped\""
    environment = FleetEnv(set={"fleet.sites.0.name": "Dropped"})
    assert len(processes_with(mark)) == 1
    del environment
    assert until_none(mark) == []


def test_a_server_that_waits_at_a_socket_is_used(tmp_path: Path) -> None:
    path = str(tmp_path / "fleet.sock")
    server = subprocess.Popen([*find_command(), "env-server", "--preset", "price", "--envs", "2", "--socket", path], stderr=subprocess.PIPE)
    assert server.stderr is not None and b"waiting" in server.stderr.readline()
    environment = FleetVectorEnv(2, socket=path)
    assert not os.path.exists(path)
    environment.reset(seed=1)
    environment.close()
    assert server.wait(10) == 0
    with pytest.raises(EnvServerError, match=f"No environment server waits at {path}"):
        FleetVectorEnv(2, socket=path)


LEARNER = """
import sys
import numpy as np
from jouleflow_gym import FleetVectorEnv
environment = FleetVectorEnv(4, socket=sys.argv[1] or None)
environment.reset(seed=1)
while True:
    environment.step(np.zeros((4, 3), np.float32))
"""


def killed_at_random(victim: int, longest: float, moment: random.Random) -> None:
    """Lets it live for up to so many seconds."""
    time.sleep(longest * moment.random())
    os.kill(victim, signal.SIGKILL)


@pytest.mark.parametrize("kill", range(KILLS))
def test_a_killed_learner_leaves_nothing_but_a_sentence(kill: int, tmp_path: Path) -> None:
    """Over pipes, from the first instant to some hundred steps."""
    said = tmp_path / "said"
    # Keeps what the server says, which is the learner's otherwise, and marks its processes.
    script = f'exec {shlex.join(find_command())} "$@" 2> {shlex.quote(str(said))}'
    command = shlex.join(["sh", "-c", script, str(tmp_path)])
    learner = subprocess.Popen([sys.executable, "-c", LEARNER, ""], env={**os.environ, "JOULEFLOW_COMMAND": command, "JOULEFLOW_MARK": str(tmp_path)})
    killed_at_random(learner.pid, 3, random.Random(kill))
    assert learner.wait() == -signal.SIGKILL
    assert until_marked_end(str(tmp_path)) == []
    sentences = said.read_text().strip().splitlines() if said.exists() else []
    # It says nothing only where it was never started.
    assert len(sentences) == 1 and "the client" in sentences[0] or not said.exists()


def until_marked_end(mark: str) -> list[int]:
    """Processes whose environment has the mark, once they are gone or ten seconds are over."""

    def found() -> list[int]:
        marked = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and f"JOULEFLOW_MARK={mark}" in (entry / "environ").read_bytes().decode(errors="replace"):
                    # A process that has ended and was not waited for yet has no command line.
                    if (entry / "cmdline").read_bytes():
                        marked.append(int(entry.name))
            except OSError:
                continue
        return marked

    for _ in range(100):
        if not found():
            return []
        time.sleep(0.1)
    return found()


@pytest.mark.parametrize("kill", range(KILLS))
def test_a_killed_server_is_told_in_one_sentence(kill: int, tmp_path: Path) -> None:
    """At a socket, from the first instant to some hundred steps."""
    path = str(tmp_path / "fleet.sock")
    server = subprocess.Popen(
        [*find_command(), "env-server", "--preset", "price", "--envs", "4", "--socket", path],
        stderr=subprocess.DEVNULL,
        env={**os.environ, "JOULEFLOW_MARK": str(tmp_path)},
    )
    learner = subprocess.Popen([sys.executable, "-c", LEARNER_THAT_WAITS, path], stderr=subprocess.PIPE, text=True, env={**os.environ, "JOULEFLOW_MARK": str(tmp_path)})
    killed_at_random(server.pid, 3, random.Random(kill))
    server.wait()
    _, said = learner.communicate(timeout=60)
    assert learner.returncode == 1
    assert len(said.strip().splitlines()) == 1 and "environment server" in said
    assert until_marked_end(str(tmp_path)) == []
    assert not os.path.exists(path)


LEARNER_THAT_WAITS = """
import os, sys, time
import numpy as np
from jouleflow_gym import EnvServerError, FleetVectorEnv
for _ in range(80):
    if os.path.exists(sys.argv[1]):
        break
    time.sleep(0.05)
try:
    environment = FleetVectorEnv(4, socket=sys.argv[1])
    environment.reset(seed=1)
    while True:
        environment.step(np.zeros((4, 3), np.float32))
except EnvServerError as error:
    sys.exit(str(error))
"""
