"""A number of fleets that are stepped together in one server."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium.spaces import Box

from jouleflow_gym.connection import Connection, EnvServerError
from jouleflow_gym.protocol import (
    BATCH,
    HEADER,
    HELLO,
    REFUSAL,
    RESET,
    STEP,
    VERSION,
    WELCOME,
    Autoreset,
    Layout,
    Reply,
    json_frame,
    read_batch,
)


class FleetClient:
    """The client's side of the protocol; the environments of this package are thin faces of it."""

    def __init__(
        self,
        num_envs: int,
        autoreset: Autoreset,
        *,
        preset: str | None = "price",
        config: str | None = None,
        data: str | None = None,
        set: Mapping[str, Any] | None = None,
        wrappers: Sequence[str] = (),
        socket: str | None = None,
    ) -> None:
        """Starts a server, or connects to one.

        Args:
            num_envs: how many environments.
            autoreset: when an environment whose episode is over begins the next one.
            preset: named experiment whose environment it is; None for the default experiment.
            config: YAML file laid over the preset.
            data: folder of real series; None for the embedded generator.
            set: any key of the experiment's configuration by its path, such as ``{"environment.settlement": "slot"}``.
            wrappers: ablations of the fleet by name, such as ``no-battery``.
            socket: Unix socket of a server that waits there, whose environments are as it was started; the rest is
                then left at its defaults.

        Raises:
            EnvServerError: in one sentence, whatever the server refuses.
            FileNotFoundError: where there is no jouleflow.
        """
        arguments = [f"--envs={num_envs}"]
        for name, value in (("preset", preset), ("config", config), ("data", data)):
            if value is not None:
                arguments.append(f"--{name}={value}")
        for key, value in (set or {}).items():
            arguments.append(f"--set={key}={json.dumps(value)}")
        arguments += [f"--wrapper={name}" for name in wrappers]
        self._connection = Connection(arguments, socket)
        try:
            self._connection.send(json_frame(HELLO, {"protocol": VERSION, "autoreset": autoreset}))
            self.welcome: dict[str, Any] = json.loads(bytes(self._expect(WELCOME)))
            if self.welcome["envs"] != num_envs:
                raise EnvServerError(f"The server at {socket} has {self.welcome['envs']} environments, expected {num_envs}.")
        except BaseException:
            self._connection.close()
            raise
        self.num_envs = num_envs
        self.observation_space = _box(self.welcome["observation"])
        self.action_space = _box(self.welcome["action"])
        self._action_shape = (num_envs, self.welcome["action"]["size"])
        self._step_header = HEADER.pack(4 * num_envs * self.welcome["action"]["size"], STEP)
        self._layout = Layout(num_envs, len(self.welcome["infos"]), self.welcome["observation"]["size"])

    def reset(self, requests: Sequence[Mapping[str, Any]]) -> Reply:
        """Begins episodes: of each ``{"index", "seed", "options"}``. Raises ValueError for what the fleet refuses."""
        self._connection.send(json_frame(RESET, {"envs": list(requests)}))
        return read_batch(self._expect(BATCH), self._layout)

    def send_actions(self, actions: npt.ArrayLike) -> None:
        """Sends an action for each environment, [envs, actions]."""
        array = np.ascontiguousarray(actions, np.float32)
        if array.shape != self._action_shape:
            raise ValueError(f"Found actions of shape {array.shape}, expected {self._action_shape}.")
        self._connection.send(self._step_header, array.tobytes())

    def receive_step(self) -> Reply:
        """What the actions sent last led to. Raises ValueError for what the fleet refuses."""
        return read_batch(self._expect(BATCH), self._layout)

    def step(self, actions: npt.ArrayLike) -> Reply:
        """Both in one."""
        self.send_actions(actions)
        return self.receive_step()

    def close(self) -> None:
        """Ends the server. Does nothing the second time."""
        self._connection.close()

    def _expect(self, wanted: int) -> memoryview:
        kind, body = self._connection.receive()
        if kind == REFUSAL:
            raise ValueError(json.loads(bytes(body))["message"])
        if kind != wanted:
            self.close()
            raise EnvServerError(f"The server sent a frame of kind {kind}, expected {wanted}; it does not speak this protocol.")
        return body


def _box(space: Mapping[str, Any]) -> Box:
    return Box(np.array(space["low"], np.float32), np.array(space["high"], np.float32), dtype=np.float32)
