# SPDX-License-Identifier: BSD-3-Clause
"""The live part of tools/demo: Seki and seki-gen side by side, what they tell while it runs, and what came of it."""
