"""Many fleets in one server as a Gymnasium vector environment."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from jouleflow_gym.client import FleetClient
from jouleflow_gym.environment import LARGEST_SEED
from jouleflow_gym.protocol import STEPPED, TERMINATED, TRUNCATED, Autoreset, Reply

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

_AUTORESETS: dict[AutoresetMode, Autoreset] = {
    AutoresetMode.NEXT_STEP: "next-step",
    AutoresetMode.SAME_STEP: "same-step",
    AutoresetMode.DISABLED: "disabled",
}


class FleetVectorEnv(VectorEnv[Floats, Floats, Any]):
    """``num_envs`` fleets that one server steps together; see :class:`jouleflow_gym.FleetEnv` for options and infos.

    Episodes begin anew as ``autoreset_mode`` says: at the next step (default), at the same one, or not at all.
    """

    def __init__(
        self,
        num_envs: int = 1,
        preset: str | None = "price",
        *,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
        **options: Any,
    ) -> None:
        """``options`` are those of :class:`jouleflow_gym.client.FleetClient`: config, data, set, wrappers, socket."""
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self.metadata = {"render_modes": [], "autoreset_mode": self.autoreset_mode}
        self.render_mode = render_mode
        self._client = FleetClient(num_envs, _AUTORESETS[self.autoreset_mode], preset=preset, **options)
        self.welcome = self._client.welcome
        self.num_envs = num_envs
        self.single_observation_space = self._client.observation_space
        self.single_action_space = self._client.action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._columns = [(column["name"], column["type"] == "boolean") for column in self.welcome["infos"]]
        self._seeded = False

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Floats, dict[str, Any]]:
        """Begins days: all, or where ``options["reset_mask"]`` is true. A seed is that of the first, the next has one more."""
        chosen = dict(options or {})
        mask = chosen.pop("reset_mask", np.ones(self.num_envs, np.bool_))
        if seed is None and not self._seeded:
            super().reset(seed=None)
            seed = int(self.np_random.integers(LARGEST_SEED - self.num_envs))
        if isinstance(seed, int):
            super().reset(seed=seed)
        seeds = [seed + i for i in range(self.num_envs)] if isinstance(seed, int) else list(seed or [None] * self.num_envs)
        if len(seeds) != self.num_envs or np.shape(mask) != (self.num_envs,):
            raise ValueError(f"Found {len(seeds)} seeds and a mask of shape {np.shape(mask)}, expected {self.num_envs} of each.")
        requests = [{"index": i, "seed": seeds[i], "options": chosen} for i in range(self.num_envs) if mask[i]]
        reply = self._client.reset(requests)
        self._seeded = True
        infos: dict[str, Any] = {}
        for detail in reply.details:
            infos = self._add_info(infos, detail["begun"], detail["env"])
        return reply.observations, infos

    def step(self, actions: Floats) -> tuple[Floats, npt.NDArray[np.float64], Bools, Bools, dict[str, Any]]:
        """Acts once in each, [envs, actions]."""
        reply = self._client.step(actions)
        terminated = (reply.flags & TERMINATED) != 0
        truncated = (reply.flags & TRUNCATED) != 0
        return reply.observations, reply.rewards, terminated, truncated, self._infos(reply)

    def _infos(self, reply: Reply) -> dict[str, Any]:
        infos: dict[str, Any] = {}
        stepped = (reply.flags & STEPPED) != 0
        figures = {name: row != 0 if truth else row for (name, truth), row in zip(self._columns, reply.infos)}
        if self.autoreset_mode is AutoresetMode.SAME_STEP:
            ended = [detail for detail in reply.details if "ended" in detail]
            for row, detail in enumerate(ended):
                env = detail["env"]
                final = {name: values[env].item() for name, values in figures.items()} | detail["ended"]
                infos = self._add_info(infos, {"final_obs": reply.finals[row], "final_info": final}, env)
                infos = self._add_info(infos, detail["begun"], env)
                stepped[env] = False
        else:
            for detail in reply.details:
                infos = self._add_info(infos, detail["begun" if "begun" in detail else "ended"], detail["env"])
        if not stepped.any():
            return infos
        everywhere = bool(stepped.all())
        for name, values in figures.items():
            infos[name], infos[f"_{name}"] = values if everywhere else np.where(stepped, values, np.zeros_like(values)), stepped
        return infos

    def close_extras(self, **kwargs: Any) -> None:
        """Ends the server."""
        self._client.close()
