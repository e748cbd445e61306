"""Many fleets: the same, to the bit, as Gymnasium's own vector environment of single ones."""

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from jouleflow_gym import FleetEnv, FleetVectorEnv

# A slot an hour: days end soon.
SHORT = {"fleet.slotSeconds": 3600}
# A job a step: days have different lengths.
UNEVEN = {"environment.kind": "job-dispatch", "environment.dispatch": "logits", "fleet.jobs.perDay": 20}


def same(found: Any, expected: Any) -> None:
    """Equal to the bit, whatever it is made of."""
    if isinstance(expected, dict):
        assert set(found) == set(expected)
        for key in expected:
            same(found[key], expected[key])
    elif isinstance(expected, tuple) or (isinstance(expected, np.ndarray) and expected.dtype == object):
        assert len(found) == len(expected)
        for one, other in zip(found, expected):
            same(one, other)
    else:
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("options", [SHORT, UNEVEN], ids=["slots", "jobs"])
@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_it_is_gymnasiums_vector_environment(mode: AutoresetMode, options: dict[str, Any]) -> None:
    found = FleetVectorEnv(3, set=options, autoreset_mode=mode)
    expected = SyncVectorEnv([lambda: FleetEnv(set=options)] * 3, autoreset_mode=mode)
    assert found.action_space == expected.action_space
    assert found.observation_space == expected.observation_space
    assert found.metadata["autoreset_mode"] is mode
    same(found.reset(seed=5), expected.reset(seed=5))
    actions = np.random.default_rng(1)
    for _ in range(60):
        action = actions.uniform(-1, 1, found.action_space.shape).astype(np.float32)
        same(found.step(action), expected.step(action))
    for environment in (found, expected):
        environment.close()


def test_without_autoreset_chosen_ones_are_reset() -> None:
    environment = FleetVectorEnv(2, set=SHORT, autoreset_mode="Disabled")
    environment.reset(seed=[4, 9])
    zeros = np.zeros((2, 3), np.float32)
    for _ in range(23):
        environment.step(zeros)
    observations, _, _, truncated, infos = environment.step(zeros)
    assert truncated.all() and infos["totals"]["_utility"].all()
    with pytest.raises(ValueError, match="environment 0's episode is over"):
        environment.step(zeros)
    again, infos = environment.reset(options={"reset_mask": np.array([False, True]), "day": "2023-03-01"})
    np.testing.assert_array_equal(again[0], observations[0])
    assert list(infos["day"]) == [None, "2023-03-01"]
    environment.close()


def test_make_vec_uses_one_server() -> None:
    environment = gymnasium.make_vec("jouleflow/Fleet-v0", num_envs=4, vectorization_mode="vector_entry_point", preset="joint")
    assert isinstance(environment.unwrapped, FleetVectorEnv)
    observations, infos = environment.reset(seed=1)
    assert observations.shape == (4, 46) and len(set(infos["day"])) > 1
    assert environment.step(environment.action_space.sample())[1].shape == (4,)
    environment.close()


def test_wrong_shapes_are_refused() -> None:
    environment = FleetVectorEnv(2)
    with pytest.raises(ValueError, match="3 seeds"):
        environment.reset(seed=[1, 2, 3])
    environment.reset(seed=1)
    with pytest.raises(ValueError, match=r"\(3, 3\), expected \(2, 3\)"):
        environment.step(np.zeros((3, 3), np.float32))
    environment.close()
