"""Many fleets in one server as a vector environment of Stable-Baselines3, which must be installed."""

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
from stable_baselines3.common.vec_env.base_vec_env import VecEnv, VecEnvIndices, VecEnvObs, VecEnvStepReturn

from jouleflow_gym.client import FleetClient
from jouleflow_gym.environment import LARGEST_SEED
from jouleflow_gym.protocol import TERMINATED, TRUNCATED


class FleetVecEnv(VecEnv):
    """``num_envs`` fleets that one server steps together; see :class:`jouleflow_gym.FleetEnv` for options and infos."""

    def __init__(self, num_envs: int = 1, preset: str | None = "price", **options: Any) -> None:
        """``options`` are those of :class:`jouleflow_gym.client.FleetClient`: config, data, set, wrappers, socket."""
        self._client = FleetClient(num_envs, "same-step", preset=preset, **options)
        self.welcome = self._client.welcome
        self.render_mode = None
        self._columns = [(column["name"], column["type"] == "boolean") for column in self.welcome["infos"]]
        self._seeded = False
        super().__init__(num_envs, self._client.observation_space, self._client.action_space)

    def reset(self) -> VecEnvObs:
        """Begins a day in each, with the seeds and options given before."""
        if not self._seeded and all(seed is None for seed in self._seeds):
            first = int(np.random.default_rng().integers(LARGEST_SEED - self.num_envs))
            self._seeds = [first + i for i in range(self.num_envs)]
        reply = self._client.reset(
            [{"index": i, "seed": self._seeds[i], "options": self._options[i]} for i in range(self.num_envs)]
        )
        self._seeded = True
        for detail in reply.details:
            self.reset_infos[detail["env"]] = detail["begun"]
        self._reset_seeds()
        self._reset_options()
        return reply.observations

    def step_async(self, actions: np.ndarray) -> None:
        """Sends the actions; the server works at them meanwhile."""
        self._client.send_actions(actions)

    def step_wait(self) -> VecEnvStepReturn:
        """What they led to. Where a day has ended the next has begun, and ``terminal_observation`` is its last."""
        reply = self._client.receive_step()
        names = [name for name, _ in self._columns]
        infos: list[dict[str, Any]] = [dict(zip(names, column)) for column in reply.infos.T.tolist()]
        for name, truth in self._columns:
            if truth:
                for info in infos:
                    info[name] = bool(info[name])
        dones = (reply.flags & (TERMINATED | TRUNCATED)) != 0
        for env, flags in enumerate(reply.flags.tolist()):
            infos[env]["TimeLimit.truncated"] = bool(flags & TRUNCATED) and not flags & TERMINATED
        for row, detail in enumerate(reply.details):
            info = infos[detail["env"]]
            info |= detail["ended"]
            info["terminal_observation"] = reply.finals[row]
            self.reset_infos[detail["env"]] = detail["begun"]
        return reply.observations, reply.rewards, dones, infos

    def close(self) -> None:
        """Ends the server."""
        self._client.close()

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """An attribute, which all the environments share, once for each."""
        value = getattr(self, attr_name)
        return [value for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Refused: the environments are in another process, and have no attributes of their own here."""
        raise AttributeError(f"{attr_name} cannot be set: the environments are in another process.")

    def env_method(self, method_name: str, *method_args: Any, indices: VecEnvIndices = None, **method_kwargs: Any) -> list[Any]:
        """Refused: the environments are in another process, and have no methods of their own here."""
        raise AttributeError(f"{method_name} cannot be called: the environments are in another process.")

    def env_is_wrapped(self, wrapper_class: type[gymnasium.Wrapper], indices: VecEnvIndices = None) -> list[bool]:
        """No environment is wrapped."""
        return [False for _ in self._get_indices(indices)]


__all__: Sequence[str] = ["FleetVecEnv"]
