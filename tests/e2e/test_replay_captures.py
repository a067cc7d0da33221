# SPDX-License-Identifier: BSD-3-Clause
"""Properties of the packet path over all third-party captures; skipped where those are not there."""
import filecmp
import importlib.machinery
import importlib.util
import os
import re
import subprocess
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOOLS = os.path.join(ROOT, "tools")
sys.path.insert(0, TOOLS)

import manifest  # noqa: E402
import replays  # noqa: E402

FOLDER = manifest.default_dir()
pytestmark = pytest.mark.skipif(not os.path.exists(os.path.join(FOLDER, "MANIFEST.tsv")),
                                reason="the third-party captures are not beside the project")

# Each capture, once as it is and once in each of these ways.
SAME = {"burst of 1": "burst=1", "burst of 7": "burst=7", "headers split": "burst=1 segment=16"}
SPREAD = {"two cores": "cores=2", "four cores": "cores=4"}
CUTS = {cores: [f"cores={cores} burst={burst}" for burst in (1, 7, 32)] for cores in (1, 2, 4)}


def source_reasons():
    """Reasons that say that a source was over what one source may send: its owner core decides, and no other knows."""
    return {name for name in captures_tool().reasons() if name.startswith("source_") and name != "source_route"}


def budget_reasons():
    """Reasons that say that something was over a budget, which cores share, or thinned out, which each does for itself."""
    over = {name for name in captures_tool().reasons() if re.search("_(budget|pps|bps)$", name)}
    return (over | {"tcp_stray", "flood"}) - source_reasons()


def limits():
    """countermeasure -> its parameters that are limits, out of the reference that is generated from the code."""
    with open(os.path.join(ROOT, "docs", "countermeasures.md"), encoding="utf-8") as file:
        parts = re.split(r"^## (\w+)$", file.read(), flags=re.M)[1:]
    found = {name: re.findall(r"^\| `(\w+)` \| [^|]* \| 0 [pb]ps to ", text, re.M)
             for name, text in zip(parts[::2], parts[1::2])}
    # What `flood` leaves to proven sources is for attacks alone, and 0 is nothing.
    return {name: parameters for name, parameters in found.items() if parameters and name != "flood"}


def without_budgets(but=()):
    """Settings under which no countermeasure has a budget to spend, nor a source a limit; `but` those are left out."""
    return " ".join(f"{name}: {{ " + " ".join(f"{parameter} = 0;" for parameter in parameters) + " };"
                    for name, parameters in limits().items() if name not in but)


def captures_tool():
    """tools/captures as a module."""
    loader = importlib.machinery.SourceFileLoader("captures_tool", os.path.join(TOOLS, "captures"))
    spec = importlib.util.spec_from_loader("captures_tool", loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def scrambler(seki_bin):
    path = os.path.join(os.path.dirname(seki_bin), "..", "tests", "support", "scramble")
    return path if os.path.exists(path) else None


@pytest.fixture(scope="module")
def sweep(seki_bin, tmp_path_factory):
    """capture -> way -> finished job; `plain` is the capture as it is."""
    where = str(tmp_path_factory.mktemp("sweep"))
    scramble, found, jobs = scrambler(seki_bin), {}, []
    for plain in manifest.jobs(FOLDER):
        ways = {"plain": plain}
        for way, tuning in {**SAME, **SPREAD}.items():
            ways[way] = replays.Job(plain.name, plain.capture, plain.text, plain.info, tuning)
        if scramble:
            other = os.path.join(where, "scrambled-" + plain.name)
            subprocess.run([scramble, plain.capture, other], check=True, timeout=60)
            ways["scrambled"] = replays.Job(plain.name, other, plain.text, plain.info)
        found[plain.name] = ways
        jobs += ways.values()
    replays.run(seki_bin, jobs, where)  # raises if a process crashes or the accounting identity fails
    return found


def assert_same(sweep, way):
    differ = [name for name, ways in sweep.items()
              if not filecmp.cmp(ways["plain"].verdicts, ways[way].verdicts, shallow=False)]
    assert not differ, f"{len(differ)} captures, {differ[0]} first"


def test_every_packet_is_read_and_has_its_end(sweep):
    tool = captures_tool()
    table = tool.reasons()
    problems = [f"{name}: {problem}" for name, ways in sweep.items()
                for problem in tool.problems_of(ways["plain"], table)]
    assert not problems, "\n".join(problems)
    assert len(sweep) > 500


def test_the_table_of_expected_drops_is_exact(sweep):
    """A row for a drop that does not happen any more would hide the next one."""
    tool = captures_tool()
    table = tool.reasons()
    stale = [row[:3] for row in tool.EXPECTED
             if tool.dropped_by_reason(sweep[row[0]]["plain"], table)[row[1]] != row[2]]
    assert not stale


@pytest.mark.parametrize("way", SAME)
def test_bursts_and_buffers_change_no_verdict(sweep, way):
    assert_same(sweep, way)


def test_payload_changes_no_verdict(sweep):
    if not all("scrambled" in ways for ways in sweep.values()):
        pytest.skip("the scrambler is not built beside this seki (meson option tests)")
    changed = [name for name, ways in sweep.items()
               if not filecmp.cmp(ways["plain"].capture, ways["scrambled"].capture, shallow=False)]
    assert len(changed) > 400  # it did replace something
    assert_same(sweep, "scrambled")


@pytest.mark.parametrize("way", SPREAD)
def test_cores_give_the_verdicts_of_one(sweep, way):
    """
    Cores share a budget by leases, so which packets it lets through depends on where they land. Everything else
    must be equal, and what passes under budgets may not exceed what one core lets pass, but for one packet for each
    core and budget where shares are rounded. Where an attack is thinned out, samples say when a signature takes its place, and each
    core has its own.
    """
    compared, budgets = 0, budget_reasons()
    for name, ways in sweep.items():
        one, many = ways["plain"].rows(), ways[way].rows()
        tripped = any(row[4] in budgets for row in one + many)
        if not tripped:
            assert one == many, name
            continue
        compared += 1
        budgeted = budgets | {"clean"}
        for a, b in zip(one, many):
            assert a[:3] == b[:3] and a[5] == b[5], (name, a, b)
            assert a[4] == b[4] or (a[4] in budgeted and b[4] in budgeted), (name, a, b)
        passed = [sum(row[3] == "pass" for row in rows) for rows in (one, many)]
        thinned = any(row[4] == "flood" for row in one + many)
        assert passed[1] <= passed[0] * (1.5 if thinned else 1) + 4 * 40, (name, passed)
        assert passed[1] >= passed[0] // 2, (name, passed)
    assert compared > 0  # some capture does trip a budget


def undetected(**which):
    """Jobs whose configurations detect nothing: what is raised against an attack has budgets of its own."""
    jobs = manifest.jobs(FOLDER, **which)
    for job in jobs:
        job.text += "detection: { enable = false; };\n"
    return jobs


@pytest.fixture(scope="module")
def unlimited(seki_bin, tmp_path_factory):
    """capture -> cores -> finished job, where no budget can decide. The zone names services: all countermeasures run."""
    jobs = undetected(more=without_budgets(), services=("tcp/443", "udp/53"))
    found = {job.name: {n: replays.Job(job.name, job.capture, job.text, job.info, f"cores={n}") for n in (1, 2, 4)}
             for job in jobs}
    replays.run(seki_bin, [job for of_cores in found.values() for job in of_cores.values()],
                str(tmp_path_factory.mktemp("unlimited")))
    return found


def test_every_limit_is_lifted(unlimited):
    """Else the next test would compare what leases decide, and a budget that it does not know of."""
    assert set(limits()) == {"service", "reflection", "fragment", "tcp_state", "source_limit", "zone_limit"}
    over = budget_reasons() | source_reasons()
    tripped = [name for name, of_cores in unlimited.items()
               for job in of_cores.values() if over & set(job.report["reasons"])]
    assert not tripped


@pytest.mark.parametrize("cores", [2, 4])
def test_without_budgets_cores_give_exactly_the_verdicts_of_one(unlimited, cores):
    """Number, time, direction, verdict, reason and zone of every packet of every capture."""
    differ = [name for name, of_cores in unlimited.items()
              if not filecmp.cmp(of_cores[1].verdicts, of_cores[cores].verdicts, shallow=False)]
    assert not differ, f"{len(differ)} captures, {differ[0]} first"
    assert len(unlimited) > 500
    assert sum(of_cores[cores].report["dropped"] for of_cores in unlimited.values()) > 1000  # verdicts to compare


# What state decides: how much a source has sent, what it has begun, who has been proven, what belongs to what is known.
SOURCES = """source_limit: { mode = "enforce"; pps = "40 pps"; bps = "200 kbps"; syn_pps = "4 pps"; flows_pps = "1 pps";
  verified_factor = 2; shared_from = 3; ports_pps = "30 pps"; block = "2 s"; %s };"""
PREFIXES = "v6_56_factor = 1; v6_48_factor = 2;"
NO_PREFIXES = "v6_56_factor = 0; v6_48_factor = 0;"
UNKNOWN_PPS = 1
UNKNOWN = f"""tcp_state: {{ mode = "enforce"; pps = "{UNKNOWN_PPS} pps"; burst = "1 ms"; arm_after = "0 s"; }};"""
UNASKED = """reflection: { mode = "enforce"; pps = "5 pps"; burst = "200 ms"; familiar_pps = 2; };
  fragment: { mode = "enforce"; pps = "5 pps"; burst = "200 ms"; };
  service: { mode = "enforce"; pps = "20 pps"; error_pps = "2 pps"; burst = "200 ms"; };"""


def in_ways(seki_bin, where, ways, settings, services=()):
    """capture -> way -> finished job. Malformed captures are of no conversation, and are left out."""
    jobs = undetected(kinds=("attack", "benign"), more=settings, services=services)
    found = {job.name: {way: replays.Job(job.name, job.capture, job.text, job.info, way) for way in ways}
             for job in jobs}
    replays.run(seki_bin, [job for of_name in found.values() for job in of_name.values()], where)
    return found


def differing(found, one, ways):
    return [(name, way) for name, jobs in found.items() for way in ways
            if not filecmp.cmp(jobs[one].verdicts, jobs[way].verdicts, shallow=False)]


def assert_met(found, way, reasons):
    """Else there was nothing to compare."""
    for reason in reasons:
        assert sum(jobs[way].report["reasons"].get(reason, 0) for jobs in found.values()) > 10, reason


def test_what_sources_may_send_is_the_same_on_any_cores_in_any_bursts(seki_bin, tmp_path):
    """
    No budget that cores share: the verdict on every packet is its owner core's, and all that it knows of the source.
    (An IPv6 prefix has clients on several cores, each of which holds it to its limits by itself.)
    """
    settings = without_budgets(but=("source_limit",)) + SOURCES % NO_PREFIXES
    ways = [way for of_cores in CUTS.values() for way in of_cores]
    found = in_ways(seki_bin, str(tmp_path), ways, settings, ("tcp/443", "udp/53"))
    differ = differing(found, ways[0], ways)
    assert not differ, f"{len(differ)}, {differ[:3]} first"
    assert_met(found, ways[0], source_reasons() - {"source_blocked", "source_ports"})


def test_with_state_bursts_change_no_verdict(seki_bin, tmp_path):
    """Where next to nothing passes of what belongs to no known conversation, and sources are limited."""
    ways = CUTS[1] + CUTS[4]
    found = in_ways(seki_bin, str(tmp_path), ways, UNKNOWN + UNASKED + SOURCES % PREFIXES, ("tcp/443",))
    for cores in (1, 4):
        differ = differing(found, CUTS[cores][0], CUTS[cores])
        assert not differ, f"{len(differ)}, {differ[:3]} first"
    assert_met(found, CUTS[1][0], ("tcp_stray", "reflection_budget", "fragment_budget", "service_budget", "source_syn"))


def strays(job):
    """Numbers of packets that were dropped as of no known connection, and whole seconds from first to last of all."""
    rows = job.rows()
    seconds = float(rows[-1][1]) - float(rows[0][1]) if rows else 0
    return {row[0] for row in rows if row[4] == "tcp_stray"}, int(seconds)


def test_cores_know_the_same_connections(seki_bin, tmp_path):
    """
    Whether a segment belongs to a known connection hangs on no verdict. So two runs can only differ in those strays
    that the budget let pass, in the one or the other: one a second in all, and one at once on each core.
    """
    settings = without_budgets(but=("tcp_state",)) + UNKNOWN
    found = in_ways(seki_bin, str(tmp_path), [f"cores={cores}" for cores in (1, 2, 4)], settings)
    compared = 0
    for name, jobs in found.items():
        of_one, seconds = strays(jobs["cores=1"])
        for cores in (2, 4):
            of_many, _ = strays(jobs[f"cores={cores}"])
            compared += len(of_one & of_many)
            assert len(of_one - of_many) <= UNKNOWN_PPS * seconds + 2 * cores, name
            assert len(of_many - of_one) <= UNKNOWN_PPS * seconds + 2, name
    assert compared > 200


def test_sanitizers_find_nothing(seki_bin, tmp_path):
    asan = os.environ.get("SEKI_ASAN_BIN") or os.path.join(ROOT, "build-asan", "app", "seki")
    if not os.path.exists(asan):
        pytest.skip("no sanitized seki: build build-asan/ or set SEKI_ASAN_BIN")
    if os.path.realpath(asan) == os.path.realpath(seki_bin):
        pytest.skip("all of these tests run on the sanitized seki")
    jobs = manifest.jobs(FOLDER)
    for job in jobs:
        job.tuning = "segment=40 cores=2 burst=7"
    os.environ["UBSAN_OPTIONS"] = "halt_on_error=1:print_stacktrace=1"
    try:
        replays.run(asan, jobs, str(tmp_path), clean=True)
    finally:
        del os.environ["UBSAN_OPTIONS"]
