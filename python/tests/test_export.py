"""Policies of Stable-Baselines3 as ONNX files, judged here and by jouleflow on the same days."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("stable_baselines3")
pytest.importorskip("onnxscript")
onnxruntime = pytest.importorskip("onnxruntime")

from stable_baselines3 import A2C, DDPG, PPO, SAC, TD3
from stable_baselines3.common.vec_env import VecNormalize

from jouleflow_gym import FleetEnv, export_onnx, find_command
from jouleflow_gym.sb3 import FleetVecEnv

DAYS = ["2023-03-01", "2023-03-02"]
SLOTS = {"environment.settlement": "slot"}


def trained(learner: Any, normalised: bool = False) -> Any:
    """A model that has learned a little: enough that its actions differ from one state to the next."""
    fleets: Any = FleetVecEnv(2, set=SLOTS)
    environment = VecNormalize(fleets, clip_obs=3) if normalised else fleets
    options = {"n_steps": 64} if learner is PPO else {"learning_starts": 100}
    model = learner("MlpPolicy", environment, seed=4, policy_kwargs={"net_arch": [32, 32]}, **options)
    model.learn(260)
    return model


def utility_of(act: Callable[[Any], Any]) -> float:
    """Mean utility of a policy over the days, as Python sees it."""
    environment = FleetEnv()
    total = 0.0
    for day in DAYS:
        observation, _ = environment.reset(seed=environment.welcome["evaluationSeed"], options={"day": day})
        truncated = False
        while not truncated:
            observation, _, _, truncated, info = environment.step(act(observation))
        total += info["totals"]["utility"]
    environment.close()
    return total / len(DAYS)


def judged(file: Path) -> float:
    """The same by jouleflow itself."""
    words = [*find_command(), "evaluate", "--policy", str(file), "--preset", "price", "--no-bound", "--json", "--days", ",".join(DAYS)]
    answer = json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout)
    assert answer["days"] == DAYS
    return float(answer["utility"]["mean"])


@pytest.mark.parametrize(
    ("learner", "normalised"),
    [(DDPG, False), (TD3, False), (SAC, False), (PPO, False), (PPO, True)],
    ids=["ddpg", "td3", "sac", "ppo", "ppo-normalised"],
)
def test_the_same_file_earns_the_same(learner: Any, normalised: bool, tmp_path: Path) -> None:
    model = trained(learner, normalised)
    file = tmp_path / "policy.onnx"
    export_onnx(model, file)
    session = onnxruntime.InferenceSession(str(file))

    def with_onnx(observation: Any) -> Any:
        return session.run(["action"], {"observation": observation[None]})[0][0]

    def with_torch(observation: Any) -> Any:
        seen = model.get_vec_normalize_env().normalize_obs(observation) if normalised else observation
        return model.predict(seen, deterministic=True)[0]

    observations = model.observation_space.sample()[None].repeat(3, 0) + np.random.default_rng(0).normal(size=(3, 46)).astype(np.float32)
    np.testing.assert_allclose([with_onnx(one) for one in observations], [with_torch(one) for one in observations], atol=1e-5)
    found = judged(file)
    assert found == pytest.approx(utility_of(with_onnx), rel=1e-6)
    assert found == pytest.approx(utility_of(with_torch), rel=5e-3)
    model.get_env().close()


def test_it_carries_what_deciding_needs(tmp_path: Path) -> None:
    model = trained(SAC)
    export_onnx(model, tmp_path / "policy.onnx")
    metadata = onnxruntime.InferenceSession(str(tmp_path / "policy.onnx")).get_modelmeta().custom_metadata_map
    assert json.loads(metadata["actions"]) == ["CAISO.price", "ERCOT.price", "PJM.price"]
    assert json.loads(metadata["served"])["environment"]["settlement"] == "slot"
    model.get_env().close()


def test_what_cannot_be_exported_is_said(tmp_path: Path) -> None:
    fleets = FleetVecEnv(1)
    with pytest.raises(TypeError, match="model of A2C, expected one of DDPG, TD3, SAC or PPO"):
        export_onnx(A2C("MlpPolicy", fleets), tmp_path / "policy.onnx")
    fleets.close()
    with pytest.raises(TypeError, match="no fleet of jouleflow"):
        export_onnx(SAC("MlpPolicy", "Pendulum-v1"), tmp_path / "policy.onnx")
    assert list(tmp_path.iterdir()) == []
