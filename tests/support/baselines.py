# SPDX-License-Identifier: BSD-3-Clause
"""Files of baselines, as docs/baseline.md has them: what Seki would have learned in weeks, for tests that have seconds."""
import time

MASK = 2**64 - 1
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SECRET = 0x73656b692d62736c


def rotl(x, b):
    return (x << b | x >> (64 - b)) & MASK


def sip_round(v):
    v[0] = (v[0] + v[1]) & MASK
    v[2] = (v[2] + v[3]) & MASK
    v[1] = rotl(v[1], 13) ^ v[0]
    v[3] = rotl(v[3], 16) ^ v[2]
    v[0] = (rotl(v[0], 32) + v[3]) & MASK
    v[2] = (v[2] + v[1]) & MASK
    v[3] = rotl(v[3], 21) ^ v[0]
    v[1] = rotl(v[1], 17) ^ v[2]
    v[2] = rotl(v[2], 32)


def siphash(k0, k1, data):
    """SipHash-2-4."""
    v = [k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573]
    data += bytes(7 - len(data) % 8) + bytes([len(data) & 0xff])
    for at in range(0, len(data), 8):
        word = int.from_bytes(data[at:at + 8], "little")
        v[3] ^= word
        sip_round(v)
        sip_round(v)
        v[0] ^= word
    v[2] ^= 0xff
    for _ in range(4):
        sip_round(v)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def text(zone, vectors, weeks):
    """
    Each hour of the week was learned `weeks` times, the last one just now, and each time alike: `vectors` has by name the first
    limit that could be applied ("1k/-") and a week ("20k/20k/0/0").
    """
    last = time.strftime("%Y-%m-%dT%H:00:00Z", time.gmtime(time.time() - 3600))
    lines = ["seki-baseline 1", f"zone {zone} last {last} hours {str(weeks) * 168}"]
    for name, (first, week) in vectors.items():
        lines.append(f"vector {name} idle 0 accepted 0/0 held never 0/0")
        lines += [f"{day} {hour:02} {first} {' '.join([week] * weeks)}" for day in DAYS for hour in range(24)]
    total = 0
    for line in lines:
        total = siphash(total, SECRET, f"{line}\n".encode())
    return "\n".join([*lines, f"end zones 1 vectors {len(vectors)} sum {total:016x}\n"])
