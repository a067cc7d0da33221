# SPDX-License-Identifier: BSD-3-Clause
"""The third-party captures that Seki is measured on: their manifest, and a configuration for each."""
import csv
import ipaddress
import os
import re
import struct

import replays

KINDS = ("attack", "benign", "malformed")

# Captures that name nothing to protect hold only traffic of the link itself (routing, multicast, L2). They are
# replayed beside a zone that none of them touches: everything must pass.
UNTOUCHED = ("198.51.100.0/24", "2001:db8:51::/48")

# Malformed captures are judged whole: every address is protected and every sender is outside.
EVERYTHING = ("0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1")
MACS_MAX = 16


def default_dir():
    """Beside the project, where the captures are kept; they are never part of it."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "shared", "pcaps")


def read(folder):
    """The manifest's rows as dicts."""
    csv.field_size_limit(1 << 24)
    with open(os.path.join(folder, "MANIFEST.tsv"), encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def frames(path):
    """The bytes of each frame of a classic capture."""
    with open(path, "rb") as file:
        data = file.read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at + 16 <= len(data):
        kept, = struct.unpack_from(order + "I", data, at + 8)
        yield data[at + 16:at + 16 + kept]
        at += 16 + kept


def senders(path):
    """MAC addresses of the senders that can be a router's, most frequent first."""
    counts = {}
    for frame in frames(path):
        if len(frame) >= 12 and not frame[6] & 1 and any(frame[6:12]):
            counts[frame[6:12]] = counts.get(frame[6:12], 0) + 1
    return [":".join(f"{byte:02x}" for byte in mac) for mac in sorted(counts, key=lambda mac: (-counts[mac], mac))]


def can_be_protected(prefix):
    """Captures with made-up addresses name some that no zone can hold."""
    network = ipaddress.ip_network(prefix)
    return not (network.is_multicast or network.is_reserved or network.is_loopback or network.is_unspecified
                or network.is_link_local or network.broadcast_address == ipaddress.ip_address("255.255.255.255"))


def prefixes(row):
    """What the manifest says is protected ("server side: 192.0.2.1/32, ..., +3 more"), without repetition."""
    text = re.sub(r"^[a-z ()]*: ", "", row["victims"] or row["protected"])
    parts = [part.strip() for part in text.split(",")]
    parts = [part for part in parts if re.fullmatch(r"[0-9a-f.:]+/\d+", part)]
    return [part for part in dict.fromkeys(parts) if can_be_protected(part)]


def job(row, folder, more="", services=()):
    """`more`: settings of countermeasures that are not the defaults; `services`: those that the zone names."""
    path = os.path.join(folder, row["kind"], row["file"])
    if row["protected"] == "any":
        text = replays.config(EVERYTHING, outside_macs=senders(path)[:MACS_MAX],
                              services=services,
                              countermeasures='antispoof: { mode = "enforce"; own_zone = false; }; ' + more)
    else:
        text = replays.config(prefixes(row) or UNTOUCHED, services=services,
                              countermeasures='antispoof: { mode = "enforce"; }; ' + more)
    return replays.Job(row["file"], path, text, row)


def jobs(folder, kinds=KINDS, more="", services=()):
    return [job(row, folder, more, services) for row in read(folder) if row["kind"] in kinds]


def labels_path(row, folder):
    """Ground truth of an attack capture, or None."""
    path = os.path.join(folder, "attack_labels", row["file"].removesuffix(".pcap") + ".labels")
    return path if os.path.exists(path) else None
