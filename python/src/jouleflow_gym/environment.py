"""One fleet as a Gymnasium environment."""

from typing import Any, cast

import gymnasium
import numpy as np
import numpy.typing as npt

from jouleflow_gym.client import FleetClient
from jouleflow_gym.protocol import TERMINATED, TRUNCATED

Observation = npt.NDArray[np.float32]

LARGEST_SEED = 2**31 - 1


class FleetEnv(gymnasium.Env[Observation, npt.NDArray[np.float32]]):
    """Schedules jobs over a fleet of data centres; an episode is a day and ends by truncation.

    ``reset`` takes the options ``day`` (a UTC date such as ``"2023-03-01"``; else one is drawn from the training days)
    and ``record`` (True adds the day's series to the last info). Infos have the figures of the step, such as
    ``late`` and ``settled``, and at the end of the day ``totals``, its whole account, of which ``utility`` is the aim.
    ``welcome`` is what the server says of the fleet: names of observations and actions, the days.
    """

    metadata: dict[str, Any] = {"render_modes": []}

    def __init__(self, preset: str | None = "price", *, render_mode: str | None = None, **options: Any) -> None:
        """``options`` are those of :class:`jouleflow_gym.client.FleetClient`: config, data, set, wrappers, socket."""
        self.render_mode = render_mode
        self._client = FleetClient(1, "disabled", preset=preset, **options)
        self.welcome = self._client.welcome
        self.observation_space = cast(gymnasium.Space[Observation], self._client.observation_space)
        self.action_space = cast(gymnasium.Space[Observation], self._client.action_space)
        self._columns = [(column["name"], bool if column["type"] == "boolean" else float) for column in self.welcome["infos"]]
        self._seeded = False

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Observation, dict[str, Any]]:
        """Begins a day. Raises ValueError for a day that the world does not cover, or an unknown option."""
        super().reset(seed=seed)
        if seed is None and not self._seeded:
            seed = int(self.np_random.integers(LARGEST_SEED))
        reply = self._client.reset([{"index": 0, "seed": seed, "options": options or {}}])
        self._seeded = True
        return reply.observations[0], reply.details[0]["begun"]

    def step(self, action: npt.NDArray[np.float32]) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Acts once. Raises ValueError for an action of the wrong shape or not finite, and where a reset is due."""
        reply = self._client.step(np.asarray(action, np.float32)[None])
        info: dict[str, Any] = {name: kind(value) for (name, kind), value in zip(self._columns, reply.infos[:, 0].tolist())}
        if reply.details:
            info |= reply.details[0]["ended"]
        flags = int(reply.flags[0])
        return reply.observations[0], float(reply.rewards[0]), bool(flags & TERMINATED), bool(flags & TRUNCATED), info

    def close(self) -> None:
        """Ends the server."""
        self._client.close()
