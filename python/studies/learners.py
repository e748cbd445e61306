"""Holds jouleflow's learners against Stable-Baselines3's: same problem, networks, step sizes, buffer, exploration, steps.

    python python/studies/learners.py RESULTS.jsonl [--seeds N]

Runs what RESULTS lacks, each training in a process of its own with one thread, seed by seed, and prints the table. Needs
the project built, and stable-baselines3 and scipy beside the package.
"""

import argparse
import json
import math
import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
COMMAND = ["node", str(ROOT / "bin" / "jouleflow.js")]
KINDS = ["ddpg", "td3", "sac"]
STEPS = {"pendulum": 6000, "price": 4608}
HIDDEN = 64
BATCH = 128
RATE = 1e-3

# The fleet of preset `price` paid slot by slot, and what its learners are told so that both know the same.
FLEET = {"environment.settlement": "slot"}
DISCOUNT, REWARD_SCALE, NOISE, WARM_UP = 0.9, 0.05, 0.3, 576
AGENT = {
    "agent.actor": "joint",
    "agent.hidden": [HIDDEN, HIDDEN],
    "agent.actorLearningRate": RATE,
    "agent.criticLearningRate": RATE,
    "agent.discount": DISCOUNT,
    "agent.batchSize": BATCH,
    "agent.rewardScale": REWARD_SCALE,
    "agent.controlVariate": False,
    "agent.preActivationPenalty": 0,
    "agent.maxGradientNorm": 1e6,
    "agent.finalLearningRateShare": 1,
    "agent.initialOutputScale": 1 / math.sqrt(HIDDEN),
    "agent.temperature": {"initial": 1, "learningRate": RATE},
    "agent.exploration": {"warmUpSteps": WARM_UP, "noiseStart": NOISE, "noiseEnd": NOISE},
    "evaluation.schedulers": [],
    "evaluation.everySteps": STEPS["price"],
}


def ours(problem: str, kind: str, seed: int) -> float:
    """Mean return (pendulum) or utility a day (price) of the last policy that jouleflow's learner found."""
    if problem == "pendulum":
        script = ROOT / "dist" / "experiments" / "pendulum" / "matched.js"
        return float(json.loads(_output(["node", str(script), kind, str(seed), str(STEPS[problem])]))["return"])
    with tempfile.TemporaryDirectory() as out:
        words = [*COMMAND, "train", "--preset", "price", "--agent", kind, "--shaping", "none", "--json", "--out", out]
        words += [f"--seed={seed}", f"--steps={STEPS[problem]}"]
        words += [f"--set={key}={json.dumps(value)}" for key, value in (FLEET | AGENT).items()]
        return float(json.loads(_output(words))["test"]["last"]["utility"]["mean"])


def theirs(problem: str, kind: str, seed: int) -> float:
    """The same of Stable-Baselines3's learner."""
    import gymnasium
    import numpy as np
    import stable_baselines3 as sb3
    import torch
    from stable_baselines3.common.noise import NormalActionNoise

    from jouleflow_gym import FleetEnv

    torch.set_num_threads(1)
    pendulum = problem == "pendulum"
    plain: Any = gymnasium.make("Pendulum-v1") if pendulum else FleetEnv("price", set=FLEET)
    scale = 0.1 if pendulum else REWARD_SCALE
    environment = gymnasium.wrappers.TransformReward(plain, lambda reward: scale * reward)
    size = environment.action_space.shape[0]
    deviation = 0.1 if pendulum else NOISE
    options: dict[str, Any] = {
        "learning_rate": RATE,
        "buffer_size": 100_000,
        "learning_starts": 1000 if pendulum else WARM_UP,
        "batch_size": BATCH,
        "tau": 0.005,
        "gamma": 0.98 if pendulum else DISCOUNT,
        "train_freq": 1,
        "gradient_steps": 1,
        "policy_kwargs": {"net_arch": [HIDDEN, HIDDEN]},
        "seed": seed,
        "device": "cpu",
    }
    if kind != "sac":
        options["action_noise"] = NormalActionNoise(np.zeros(size), deviation * np.ones(size))
    model = getattr(sb3, kind.upper())("MlpPolicy", environment, **options)
    model.learn(STEPS[problem])
    return _swung(model) if pendulum else _scheduled(model, plain)


def _swung(model: Any) -> float:
    import gymnasium
    import numpy as np

    starts = json.loads(_output(["node", str(ROOT / "dist" / "experiments" / "pendulum" / "matched.js")]))
    environment = gymnasium.make("Pendulum-v1")
    returns = []
    for cosine, sine, velocity in starts:
        environment.reset(seed=0)
        environment.unwrapped.state = np.array([math.atan2(sine, cosine), velocity])  # type: ignore[attr-defined]
        observation = np.array([cosine, sine, velocity], np.float32)
        total, truncated = 0.0, False
        while not truncated:
            action, _ = model.predict(observation, deterministic=True)
            observation, reward, _, truncated, _ = environment.step(action)
            total += float(reward)
        returns.append(total)
    return sum(returns) / len(returns)


def _scheduled(model: Any, fleet: Any) -> float:
    days = fleet.welcome["days"]["test"]
    utilities = []
    for day in days:
        observation, _ = fleet.reset(seed=fleet.welcome["evaluationSeed"], options={"day": day})
        truncated = False
        while not truncated:
            action, _ = model.predict(observation, deterministic=True)
            observation, _, _, truncated, info = fleet.step(action)
        utilities.append(info["totals"]["utility"])
    return sum(utilities) / len(utilities)


def _output(words: list[str]) -> str:
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout


def table(results: list[dict[str, Any]]) -> str:
    """Means over seeds and Welch's 95 % interval of their difference."""
    from scipy import stats

    lines = [
        "| problem | learner | seeds | jouleflow | Stable-Baselines3 | difference, 95 % interval | half-width | s, jouleflow | s, SB3 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for problem in STEPS:
        for kind in KINDS:
            sides = [[row for row in results if (row["problem"], row["kind"], row["side"]) == (problem, kind, side)] for side in ("ours", "theirs")]
            values = [[row["value"] for row in side] for side in sides]
            if min(map(len, values)) < 2:
                continue
            interval = stats.ttest_ind(*values, equal_var=False).confidence_interval(0.95)
            means = [sum(side) / len(side) for side in values]
            half = (interval.high - interval.low) / 2
            seconds = [sorted(row["seconds"] for row in side)[len(side) // 2] for side in sides]
            lines.append(
                f"| {problem} | {kind} | {min(map(len, values))} | {means[0]:.1f} | {means[1]:.1f} "
                f"| {means[0] - means[1]:.1f} ({interval.low:.1f} to {interval.high:.1f}) | {100 * half / abs(means[1]):.1f} % "
                f"| {seconds[0]:.0f} | {seconds[1]:.0f} |"
            )
    return "\n".join(lines)


def main() -> None:
    """Runs what is missing and prints the table; with --one, a single training."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--one", nargs=4, metavar=("SIDE", "PROBLEM", "KIND", "SEED"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        side, problem, kind, seed = given.one
        print(json.dumps({"value": (ours if side == "ours" else theirs)(problem, kind, int(seed))}))
        return
    os.environ.setdefault("JOULEFLOW_COMMAND", shlex.join(COMMAND))
    results = [json.loads(line) for line in given.results.read_text().splitlines()] if given.results.exists() else []
    done = {(row["side"], row["problem"], row["kind"], row["seed"]) for row in results}
    for seed in range(given.seeds):
        for problem in STEPS:
            for kind in KINDS:
                for side in ("ours", "theirs"):
                    if (side, problem, kind, seed) in done:
                        continue
                    began = time.perf_counter()
                    words = [sys.executable, __file__, str(given.results), "--one", side, problem, kind, str(seed)]
                    value = json.loads(_output(words))["value"]
                    row = {"side": side, "problem": problem, "kind": kind, "seed": seed, "value": value, "seconds": time.perf_counter() - began}
                    results.append(row)
                    with given.results.open("a") as file:
                        file.write(json.dumps(row) + "\n")
                    print(json.dumps(row), file=sys.stderr, flush=True)
    print(table(results))


if __name__ == "__main__":
    main()
