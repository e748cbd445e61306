"""Policies of Stable-Baselines3 as ONNX files that jouleflow judges and serves."""

import contextlib
import io
import warnings
from collections.abc import Callable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from stable_baselines3.common.base_class import BaseAlgorithm

    Forward = Callable[[torch.Tensor], torch.Tensor]


def export_onnx(model: "BaseAlgorithm", file: "str | PathLike[str]", metadata: Mapping[str, str] | None = None) -> None:
    """Writes the deterministic policy of a model to an ONNX file, for ``jouleflow evaluate`` and ``decide``.

    The file's input is ``observation`` [batch, observation], as the environment gives it: a ``VecNormalize`` around the
    model's environment is exported too. Its output is ``action`` [batch, action], within the action space.

    Args:
        model: of DDPG, TD3, SAC or PPO, with continuous actions and vectors as observations.
        file: where to write.
        metadata: what the file says of itself; by default what the model's environment says, where that is a fleet.

    Raises:
        TypeError: for another kind of model, space or environment.
        ImportError: without torch, onnx or onnxscript.
    """
    import onnx
    import torch

    observation = model.observation_space.shape
    if observation is None or len(observation) != 1:
        raise TypeError(f"Found observations in {model.observation_space}, expected a Box of one dimension.")
    said = _metadata(model) if metadata is None else dict(metadata)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        # The exporter tells of its own progress and deprecations.
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            _policy_module(model),
            (torch.zeros(2, observation[0]),),
            input_names=["observation"],
            output_names=["action"],
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    proto = program.model_proto
    onnx.helper.set_model_props(proto, {"producer": "jouleflow-gym", **said})
    onnx.save_model(proto, file)


def _metadata(model: "BaseAlgorithm") -> dict[str, str]:
    """What the server said of the fleet that the model was trained on."""
    environment = model.get_env()
    welcome = environment.get_attr("welcome")[0] if environment is not None and environment.has_attr("welcome") else None
    if welcome is None:
        raise TypeError("The model's environment is no fleet of jouleflow: expected one, or metadata.")
    return dict(welcome["metadata"])


def _policy_module(model: "BaseAlgorithm") -> "torch.nn.Module":
    """From an observation to the action that the model takes without exploring."""
    import torch

    forward = _unnormalised(model)
    normalise = _normalisation(model)

    class Policy(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.policy = model.policy

        def forward(self, observation: torch.Tensor) -> torch.Tensor:
            return forward(normalise(observation))

    return Policy().cpu().eval()


def _unnormalised(model: "BaseAlgorithm") -> "Forward":
    import torch
    from gymnasium.spaces import Box
    from stable_baselines3 import DDPG, PPO, SAC, TD3

    policy: Any = model.policy
    space = model.action_space
    if not isinstance(space, Box):
        raise TypeError(f"Found actions in {space}, expected a Box.")
    low, high = torch.as_tensor(space.low), torch.as_tensor(space.high)

    def scaled(action: torch.Tensor) -> torch.Tensor:
        return low + 0.5 * (action + 1.0) * (high - low)

    if isinstance(model, PPO):

        def on_policy(observation: torch.Tensor) -> torch.Tensor:
            features = policy.extract_features(observation, policy.pi_features_extractor)
            mean = policy.action_net(policy.mlp_extractor.forward_actor(features))
            return scaled(torch.tanh(mean)) if policy.squash_output else torch.clamp(mean, low, high)

        return on_policy
    if not isinstance(model, (DDPG, TD3, SAC)):
        raise TypeError(f"Found a model of {type(model).__name__}, expected one of DDPG, TD3, SAC or PPO.")
    actor = policy.actor

    def deterministic(observation: torch.Tensor) -> torch.Tensor:
        features = actor.extract_features(observation, actor.features_extractor)
        return scaled(torch.tanh(actor.mu(actor.latent_pi(features))) if isinstance(model, SAC) else actor.mu(features))

    return deterministic


def _normalisation(model: "BaseAlgorithm") -> "Forward":
    import numpy as np
    import torch

    wrapper = model.get_vec_normalize_env()
    if wrapper is None or not wrapper.norm_obs:
        return lambda observation: observation
    rms: Any = wrapper.obs_rms
    mean = torch.as_tensor(np.asarray(rms.mean, np.float32))
    deviation = torch.as_tensor(np.sqrt(rms.var + wrapper.epsilon).astype(np.float32))
    clip = wrapper.clip_obs
    return lambda observation: torch.clamp((observation - mean) / deviation, -clip, clip)
