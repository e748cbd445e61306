"""jouleflow's fleets of AI data centres as Gymnasium environments.

``gymnasium.make("jouleflow/Fleet-v0")`` after ``import jouleflow_gym``, or :class:`FleetEnv`, :class:`FleetVectorEnv`
and, for Stable-Baselines3, ``jouleflow_gym.sb3.FleetVecEnv``. Each starts a ``jouleflow env-server`` of its own.
"""

from jouleflow_gym.command import find_command
from jouleflow_gym.connection import EnvServerError
from jouleflow_gym.environment import FleetEnv
from jouleflow_gym.export import export_onnx
from jouleflow_gym.registration import register_environments
from jouleflow_gym.vector import FleetVectorEnv

__all__ = ["EnvServerError", "FleetEnv", "FleetVectorEnv", "export_onnx", "find_command", "register_environments"]

register_environments()
