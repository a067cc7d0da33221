# SPDX-License-Identifier: BSD-3-Clause
"""What tools/sekictl is made of: the telemetry socket (client), and what is shown of each answer (views)."""
