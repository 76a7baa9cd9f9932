"""A program that never asks Plat, and so passes the first lock by: the policy pack has to know the landscape itself."""

from __future__ import annotations

import pulumi_random as random

random.RandomPassword("first", length=32)
random.RandomPassword("second", length=32)
