"""Environment steps a second over the bridge, as JSON: `python python/studies/throughput.py [ENVS...]`.

For each number of environments of preset `price`: the median over days after a warm-up by the clock, and steps per second
of processor time of both processes together, which is what one core gives however busy the machine is. Actions are drawn
before; learning takes no part.
"""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np

from jouleflow_gym import FleetEnv, FleetVectorEnv

SLOTS = 288
WARM_UP_DAYS, DAYS = 6, 12


def processor_seconds(pid: int) -> float:
    """User and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children() -> list[int]:
    """This process's children, which are the server."""
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def measure(envs: int) -> dict[str, float]:
    """Steps a second of so many environments; one is a single environment of its own kind."""
    single = FleetEnv() if envs == 1 else None
    vector = None if single is not None else FleetVectorEnv(envs)
    environment = single if single is not None else vector
    assert environment is not None
    environment.reset(seed=0)
    shape = (SLOTS, *environment.action_space.shape)
    actions = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
    [server] = children()

    def day() -> None:
        for action in actions:
            if environment.step(action)[3] is True:
                environment.reset()
        # Of a vector the next day has begun by itself.

    for _ in range(WARM_UP_DAYS):
        day()
    cpu = time.process_time() + processor_seconds(server)
    walls = []
    for _ in range(DAYS):
        began = time.perf_counter()
        day()
        walls.append(time.perf_counter() - began)
    cpu = time.process_time() + processor_seconds(server) - cpu
    environment.close()
    return {
        "stepsPerSecond": round(envs * SLOTS / float(np.median(walls))),
        "stepsPerCpuSecond": round(envs * SLOTS * DAYS / cpu),
    }


print(json.dumps({envs: measure(int(envs)) for envs in sys.argv[1:] or ["16", "1"]}))
