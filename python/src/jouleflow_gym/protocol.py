"""Frames of the protocol of ``jouleflow env-server``, version 1; docs/python.md describes it."""

import json
import struct
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

VERSION = 1

HELLO, RESET, STEP, CLOSE = 1, 2, 3, 4
WELCOME, BATCH, REFUSAL = 17, 18, 19

TERMINATED, TRUNCATED, BEGUN, STEPPED = 1, 2, 4, 8

HEADER = struct.Struct("<II")
_LENGTHS = struct.Struct("<II")

Autoreset = Literal["next-step", "same-step", "disabled"]


def json_frame(kind: int, value: Any) -> bytes:
    """A frame with a JSON body."""
    body = json.dumps(value).encode()
    return HEADER.pack(len(body), kind) + body


@dataclass(frozen=True)
class Layout:
    """Sizes that a reply's bytes are read by."""

    envs: int
    columns: int
    observation: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What the environments answered. All arrays are copies."""

    observations: npt.NDArray[np.float32]
    """[envs, observation]"""
    rewards: npt.NDArray[np.float64]
    """[envs]"""
    infos: npt.NDArray[np.float64]
    """[columns, envs]; zero where no step was made"""
    flags: npt.NDArray[np.uint8]
    """[envs], bits TERMINATED, TRUNCATED, BEGUN, STEPPED"""
    finals: npt.NDArray[np.float32]
    """[rows, observation]: last observations of the episodes that ended, where the next has begun already"""
    details: list[dict[str, Any]]
    """Of episodes that began or ended: ``{"env": index, "begun": {...}, "ended": {...}}``"""


def read_batch(body: memoryview, layout: Layout) -> Reply:
    """Reads the body of a BATCH frame."""
    envs, columns, size = layout.envs, layout.columns, layout.observation
    detail_bytes, rows = _LENGTHS.unpack_from(body)
    doubles = np.frombuffer(body, "<f8", envs * (1 + columns), 8).copy()
    at = 8 + doubles.nbytes
    singles = np.frombuffer(body, "<f4", (envs + rows) * size, at).copy().reshape(envs + rows, size)
    at += singles.nbytes
    flags = np.frombuffer(body, np.uint8, envs, at).copy()
    at += envs
    details = json.loads(bytes(body[at : at + detail_bytes])) if detail_bytes else []
    return Reply(
        observations=singles[:envs],
        rewards=doubles[:envs],
        infos=doubles[envs:].reshape(columns, envs),
        flags=flags,
        finals=singles[envs:],
        details=details,
    )
