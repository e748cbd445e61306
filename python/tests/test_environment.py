"""One fleet."""

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from jouleflow_gym import FleetEnv


def test_every_preset_keeps_gymnasiums_contract(preset: str) -> None:
    environment = FleetEnv(preset)
    check_env(environment)
    environment.close()


def test_every_preset_keeps_sb3s_contract(preset: str) -> None:
    env_checker = pytest.importorskip("stable_baselines3.common.env_checker")
    environment = FleetEnv(preset)
    env_checker.check_env(environment)
    environment.close()


def test_make_registers_and_passes_options_on() -> None:
    environment = gymnasium.make("jouleflow/Fleet-v0", preset="joint", set={"fleet.stepsChoices": [10, 20]}, wrappers=["no-transfer"])
    welcome = environment.unwrapped.welcome  # type: ignore[attr-defined]
    assert [name for name in welcome["action"]["names"] if name.startswith("CAISO.")] == ["CAISO.price", "CAISO.battery", "CAISO.clock", "CAISO.supply"]
    assert '"stepsChoices":[10,20]' in welcome["metadata"]["served"]
    assert '"allowed":false' in welcome["metadata"]["served"]
    assert environment.action_space == gymnasium.spaces.Box(-1, 1, (12,), np.float32)
    environment.close()


def test_a_day_has_its_account_and_its_record() -> None:
    environment = FleetEnv(set={"environment.settlement": "slot"})
    _, info = environment.reset(seed=3, options={"day": "2023-03-01", "record": True})
    assert info == {"day": "2023-03-01"}
    paid, late, steps, truncated = 0.0, 0.0, 0, False
    while not truncated:
        _, reward, terminated, truncated, info = environment.step(np.zeros(3, np.float32))
        assert not terminated
        assert isinstance(info["failed"], bool) and info["slot"] == steps
        paid, late, steps = paid + info["settled"] + info["residual"], late + info["late"], steps + 1
    assert steps == 288
    assert info["totals"]["late"] == late
    assert paid == pytest.approx(info["totals"]["utility"], abs=1e-6)
    assert len(info["record"]["utility"]) == 288
    with pytest.raises(ValueError, match="episode is over"):
        environment.step(np.zeros(3, np.float32))
    environment.close()


def test_a_seed_decides_the_days_that_follow() -> None:
    environment = FleetEnv()

    def days(seed: int | None) -> list[str]:
        first = environment.reset(seed=seed)[1]["day"]
        return [first] + [environment.reset()[1]["day"] for _ in range(4)]

    assert days(1) == days(1) != days(2)
    assert days(None) != days(None)
    environment.close()
    unseeded = [FleetEnv(), FleetEnv()]
    first, second = ([fleet.reset()[1]["day"] for _ in range(5)] for fleet in unseeded)
    assert first != second
    for fleet in unseeded:
        fleet.close()


def test_what_is_refused_is_said_and_nothing_lost() -> None:
    environment = FleetEnv()
    with pytest.raises(ValueError, match='"dya" is unknown; expected day or record'):
        environment.reset(options={"dya": "2023-03-01"})
    with pytest.raises(ValueError, match="2023-02-30"):
        environment.reset(options={"day": "2023-02-30"})
    environment.reset(seed=1)
    with pytest.raises(ValueError, match=r"shape \(1, 2\), expected \(1, 3\)"):
        environment.step(np.zeros(2, np.float32))
    with pytest.raises(ValueError, match="NaN at component 1"):
        environment.step(np.array([0, np.nan, 0], np.float32))
    environment.step(np.zeros(3, np.float32))
    environment.close()
