"""Many fleets as Stable-Baselines3 sees them; after its own tests of vector environments."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("stable_baselines3")

from stable_baselines3 import PPO, SAC
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv, VecFrameStack, VecMonitor, VecNormalize

from jouleflow_gym import FleetEnv
from jouleflow_gym.sb3 import FleetVecEnv

SHORT = {"fleet.slotSeconds": 3600}


def test_it_is_sb3s_vector_environment() -> None:
    found = FleetVecEnv(3, set=SHORT)
    expected = DummyVecEnv([lambda: FleetEnv(set=SHORT)] * 3)
    assert (found.observation_space, found.action_space) == (expected.observation_space, expected.action_space)
    for environment in (found, expected):
        environment.seed(7)
        environment.set_options({"day": "2023-03-01"})
    np.testing.assert_array_equal(found.reset(), expected.reset())
    assert found.reset_infos == expected.reset_infos
    actions = np.random.default_rng(1)
    ended = 0
    for _ in range(60):
        action = actions.uniform(-1, 1, (3, 3)).astype(np.float32)
        observations, rewards, dones, infos = found.step(action)
        others = expected.step(action)
        np.testing.assert_array_equal(observations, others[0])
        # SB3's own keeps rewards in float32.
        np.testing.assert_array_equal(rewards.astype(np.float32), others[1])
        np.testing.assert_array_equal(dones, others[2])
        for info, other in zip(infos, others[3]):
            last, other_last = info.pop("terminal_observation", None), other.pop("terminal_observation", None)
            np.testing.assert_array_equal(last, other_last)
            assert info == other
        assert found.reset_infos == expected.reset_infos
        ended += dones.sum()
    assert ended == 6
    for environment in (found, expected):
        environment.close()


def test_seeds_and_options_hold_for_one_reset_only() -> None:
    environment = FleetVecEnv(2, set=SHORT)
    environment.seed(3)
    first = environment.reset()
    assert not np.array_equal(first, environment.reset())
    environment.seed(3)
    np.testing.assert_array_equal(first, environment.reset())
    environment.set_options([{"day": "2023-03-01"}, {"day": "2023-03-02"}])
    environment.reset()
    assert [info["day"] for info in environment.reset_infos] == ["2023-03-01", "2023-03-02"]
    environment.reset()
    assert [info["day"] for info in environment.reset_infos] != ["2023-03-01", "2023-03-02"]
    environment.close()


def test_attributes_are_shared_and_not_set() -> None:
    environment = FleetVecEnv(3, set=SHORT)
    assert environment.get_attr("num_envs", [0, 2]) == [3, 3]
    assert environment.env_is_wrapped(Monitor) == [False] * 3
    with pytest.raises(AttributeError, match="another process"):
        environment.set_attr("x", 1)
    with pytest.raises(AttributeError, match="another process"):
        environment.env_method("reset")
    environment.close()


@pytest.mark.parametrize(
    "wrap",
    [VecMonitor, lambda environment: VecFrameStack(environment, 2), VecNormalize],
    ids=["monitor", "stack", "normalise"],
)
def test_wrappers_of_vector_environments_go_over_it(wrap: Any) -> None:
    environment = wrap(FleetVecEnv(2, set=SHORT))
    environment.seed(1)
    shape = environment.reset().shape
    for step in range(1, 50):
        observations, _, dones, infos = environment.step(np.zeros((2, 3), np.float32))
        assert observations.shape == shape
        assert dones.all() == (step % 24 == 0)
        if dones.all():
            assert infos[0]["terminal_observation"].shape == shape[1:]
            assert infos[0]["TimeLimit.truncated"]
        if dones.all() and isinstance(environment, VecMonitor):
            assert infos[0]["episode"]["l"] == 24
    environment.close()


@pytest.mark.parametrize("learner", [PPO, SAC])
def test_learners_run(learner: Any) -> None:
    environment = FleetVecEnv(4, set=SHORT)
    options = {"n_steps": 32, "batch_size": 64} if learner is PPO else {"learning_starts": 64, "batch_size": 32}
    model = learner("MlpPolicy", environment, seed=1, policy_kwargs={"net_arch": [16]}, **options)
    model.learn(200)
    assert model.num_timesteps >= 200
    environment.close()
