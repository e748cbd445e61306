"""Runs Kernel Tuner's own strategies on recorded caches, under the protocol of `jouleflow tune replay`.

A trial is one recorded sample of a configuration, drawn at random; a configuration that a strategy visits again costs nothing
and gives the same sample, as Kernel Tuner's cache does. Strategies run with their own default options in simulation mode, once
a seed with the largest budget. The configuration with the least sample after so many trials is judged by its recorded mean,
divided by the least recorded mean. One JSON object a session goes to --out; sessions that are there already are not run again.

    python3 -m venv venv && venv/bin/pip install kernel-tuner scikit-learn
    venv/bin/python bench/peers/replayKernelTuner.py --seeds 50 --out peers.jsonl CACHE.json.gz ...
"""

import argparse
import gzip
import json
import logging
import os
import random
import sys
import time
import warnings
from importlib.metadata import version

import numpy
from kernel_tuner import util
from kernel_tuner.interface import Options, _tuning_options, strategy_map
from kernel_tuner.runners.simulation import SimulationRunner
from kernel_tuner.searchspace import Searchspace

DEFAULT_STRATEGIES = "random_sample,genetic_algorithm,adaptive_tabu_greywolf,hybrid_vndx,greedy_ils,diff_evo,pso,simulated_annealing,dual_annealing,basinhopping,greedy_mls,mls,firefly_algorithm,bayes_opt"


class Visits(dict):
    """Configurations in the order in which they were first measured; stands in for the runner's set."""

    def add(self, key):
        self[key] = len(self)


def read_cache(path):
    with (gzip.open(path, "rt") if path.endswith(".gz") else open(path)) as file:
        document = json.load(file)
    for entry in document["cache"].values():
        if not isinstance(entry.get("time"), (int, float)):
            entry["__error__"] = util.RuntimeFailedConfig()
    return document


def sampled(document, draws):
    """The cache as one run would have measured it: of every configuration one of its samples."""
    return {
        key: entry if "__error__" in entry else {**entry, "time": draws.choice(entry.get("times", [entry["time"]]))}
        for key, entry in document["cache"].items()
    }


def run_session(document, space, strategy, seed, budgets):
    random.seed(seed)
    numpy.random.seed(seed)
    cache = sampled(document, random.Random(f"measure {seed}"))
    given = {
        "strategy_options": Options({"max_fevals": budgets[-1]}),
        "objective": ["time"],
        "objective_higher_is_better": [False],
        "budget": util.TuningBudget(None, budgets[-1]),
        "cache": cache,
        "cachefile": None,
        "restrictions": None,
        "simulated_time": 0,
        "verbose": False,
        "tune_params": document["tune_params"],
        "seed": seed,
    }
    options = Options({**{key: None for key in _tuning_options}, **given})
    runner = SimulationRunner(None, Options({"kernel_name": document["kernel_name"]}), Options({"quiet": True}), 7, [])
    runner.visited_results = Visits()
    start = time.perf_counter()
    try:
        strategy_map[strategy].tune(space, runner, options)
    except util.StopCriterionReached:
        pass
    milliseconds = 1000 * (time.perf_counter() - start)
    means = {key: entry["time"] for key, entry in document["cache"].items() if "__error__" not in entry}
    optimum = min(means.values())
    visited = list(runner.visited_results)
    ratio = {}
    for budget in budgets:
        worked = [key for key in visited[:budget] if key in means]
        ratio[budget] = means[min(worked, key=lambda key: cache[key]["time"])] / optimum if worked else None
    return {"trials": len(visited), "ratio": ratio, "msPerTrial": milliseconds / max(1, len(visited))}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("caches", nargs="+")
    parser.add_argument("--strategies", default=DEFAULT_STRATEGIES)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--budgets", default="64,128,256")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    budgets = [int(budget) for budget in args.budgets.split(",")]
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    done = set()
    if os.path.exists(args.out):
        with open(args.out) as file:
            done = {(line["cache"], line["strategy"], line["seed"], line["budget"]) for line in map(json.loads, file)}
    for path in args.caches:
        document = read_cache(path)
        space = Searchspace(None, None, None, from_cache=document)
        name = os.path.basename(path).split(".json")[0]
        for strategy in args.strategies.split(","):
            for seed in range(args.first_seed, args.first_seed + args.seeds):
                if (name, strategy, seed, budgets[-1]) in done:
                    continue
                head = {"kernelTuner": version("kernel-tuner"), "cache": name, "strategy": strategy, "seed": seed, "budget": budgets[-1]}
                try:
                    session = run_session(document, space, strategy, seed, budgets)
                except Exception as error:  # a strategy that fails on a space is said, and the others go on
                    print(f"{name} {strategy} seed {seed}: {type(error).__name__}: {error}", file=sys.stderr)
                    break
                with open(args.out, "a") as file:
                    file.write(json.dumps({**head, **session}) + "\n")


if __name__ == "__main__":
    main()
