"""Makes the environments known to Gymnasium."""

import gymnasium


def register_environments() -> None:
    """Registers ``jouleflow/Fleet-v0``, unless it is already."""
    if "jouleflow/Fleet-v0" in gymnasium.registry:
        return
    gymnasium.register(
        id="jouleflow/Fleet-v0",
        entry_point="jouleflow_gym.environment:FleetEnv",
        vector_entry_point="jouleflow_gym.vector:FleetVectorEnv",
    )
