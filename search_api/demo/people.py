"""Who asks and who answers: invented work names, a few of whom ask often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from search_api.demo.chance import dice
from search_api.demo.rhythm import REGIONS, Region

ASKERS = 480
_SPECIALISTS = 9
_ROLES = (("mod", 0.72), ("lab", 0.12), ("lead", 0.10), ("ana", 0.06))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who asks.

    Attributes:
        name: a work name, such as `mod-sg-0412`.
        language: that they would rather write; most can write English too.
    """

    name: str
    language: str


@dataclass(frozen=True, slots=True)
class Crowd:
    """The people of one region.

    Attributes:
        askers: those who ask.
        often: how often each does, as weights.
        specialists: names of those who answer.
    """

    askers: Sequence[Person]
    often: Sequence[float]
    specialists: Sequence[str]


def crowds(seed: int) -> Mapping[str, Crowd]:
    """Return the people of every region, by its key."""
    return {region.key: _crowd(seed, region) for region in REGIONS}


def _crowd(seed: int, region: Region) -> Crowd:
    chance = dice(seed, "people", region.key)
    roles, shares = [role for role, _ in _ROLES], [share for _, share in _ROLES]
    numbers = chance.sample(range(100, 1000), round(ASKERS * region.share))
    languages = [language for language, _ in region.languages]
    weights = [share for _, share in region.languages]
    askers = [
        Person(
            f"{chance.choices(roles, shares)[0]}-{region.key}-{number:04d}",
            chance.choices(languages, weights)[0],
        )
        for number in sorted(numbers)
    ]
    return Crowd(
        askers,
        [chance.lognormvariate(0, 0.8) for _ in askers],
        [f"ops-{region.key}-{number:04d}" for number in range(11, 11 + _SPECIALISTS)],
    )
