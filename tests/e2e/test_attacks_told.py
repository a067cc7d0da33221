# SPDX-License-Identifier: BSD-3-Clause
"""What telemetry tells of an attack, why packets were dropped, and what an operator may set, on a Seki that is flooded."""
import json
import os
import re
import time

import pytest

import flooded
import telemetry

PARTS = ("vectors", "targets", "decisions", "timeline", "drops")


def text(pieces):
    return "".join(pieces)


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    return tmp_path_factory.mktemp("told")


@pytest.fixture(scope="module")
def box(seki_bin, where):
    (where / "incidents").mkdir()
    conf = flooded.config(where, incidents=str(where / "incidents"))
    with flooded.Flooded(seki_bin, conf, where) as process:
        yield process


def test_incidents(box, where):
    """The list says who is attacked by what since when; its file is there, and is the same incident."""
    flooded.until(lambda: box.rows("/seki/incidents", "incidents")[0]["hosts_peak"])
    rows = box.rows("/seki/incidents", "incidents")
    assert len(rows) == 1
    row = rows[0]
    assert (row["zone"], row["domain"], row["mode"], row["state"]) == ("web", "default", "enforce", "open")
    assert row["vectors"] == ["udp"] and row["targets"][0] in flooded.TARGETS and row["hosts_peak"] == 1
    assert row["began"] < row["detected"] < row["mitigated"] and row["ended"] == ""
    one = box.ask(f"/seki/incident,{row['id']}")
    assert text(one["file"]) == str(where / "incidents" / f"{row['id']}.json")
    with open(text(one["file"]), encoding="utf-8") as file:
        incident = json.load(file)
    assert (incident["id"], incident["began"], incident["state"]) == (row["id"], row["began"], "open")


def test_parts_of_an_incident(box):
    name = box.rows("/seki/incidents", "incidents")[0]["id"]
    one = box.ask(f"/seki/incident,{name}")
    with box.connect() as connection:
        rows = {}
        for part in PARTS:
            page = connection.ask(f"/seki/incident,{name},{part},0,1")
            assert (page["id"], page["part"], page["offset"], page["limit"]) == (name, part, 0, 1)
            assert len(page["rows"]) == 1 and page["next"] == 1 and page["total"] >= one[f"n_{part}"] >= 1
            last = connection.ask(f"/seki/incident,{name},{part},{page['total']}")
            assert last["next"] == last["total"] or part == "timeline"
            rows[part] = connection.ask(f"/seki/incident,{name},{part}")["rows"]
        for wrong in ("", ",", "nobody", f"{name},nothing", f"{name},vectors,-1", f"{name},timeline,0,x", "x" * 900):
            assert connection.ask(f"/seki/incident,{wrong}") is None, wrong
    assert rows["vectors"]["row0"]["name"] == "udp" and rows["vectors"]["row0"]["peak_pps"] > 10000
    first = rows["decisions"]["row0"]
    assert (first["vector"], first["action"], first["before"]) == ("udp", "raise", "none")
    assert any(f"of udp to {target}" in text(first["seen"]) for target in flooded.TARGETS) and text(first["why"])
    seconds = [row["s"] for row in rows["timeline"].values()]
    assert seconds[0] < 0 and seconds == sorted(seconds)
    assert any(row["reason"] == "flood" and row["dropped_packets"] > 0 for row in rows["drops"].values())


def test_posture(box):
    row = box.posture()
    assert (row["state"], row["override"], row["mode"], row["whole_zone"]) == ("mitigating", "no", "enforce", "no")
    assert row["step"] == row["own_step"] != "none" and row["targets"][0] in flooded.TARGETS
    assert row["offered_pps"] > row["limit_pps"]
    assert row["offered_1s_pps"] > 0 and row["offered_10s_pps"] > 0
    flooded.until(lambda: (row := box.posture())["passed_pps"] < row["limit_pps"])
    assert row["incident"] == box.rows("/seki/incidents", "incidents")[0]["id"]
    assert box.rows("/seki/posture", "postures", "lab") == []
    assert box.ask("/seki/posture,nobody") is None


def test_detector(box):
    before = box.ask("/seki/detect")
    time.sleep(1)
    after = box.ask("/seki/detect")
    assert before["enabled"] == "yes" and before["incidents_open"] == 1 and before["nodes_zone"] >= 1
    assert before["bytes"] > 1 << 20 and after["samples"] > before["samples"] and after["drop_samples"] > before["drop_samples"]
    assert 5 <= after["ticks"] - before["ticks"] <= 15
    assert 0 < after["tick_last_ns"] <= after["tick_max_ns"]


def test_samples(box):
    rows = box.rows("/seki/samples", "samples", "web")
    assert len(rows) > 5
    numbers = [row["number"] for row in rows]
    assert numbers == sorted(numbers, reverse=True)
    assert {(row["zone"], row["inside"], row["vector"]) for row in rows} == {("web", f"{flooded.HOST}/32", "udp")}
    assert "flood" in {row["reason"] for row in rows}
    assert box.rows("/seki/samples", "samples", "lab") == [] and box.ask("/seki/samples,nobody") is None


def test_no_client_is_named(box):
    """Neither in lists nor in explanations is an address of those who send."""
    with box.connect() as connection:
        number = connection.ask("/seki/samples,web,0,1")["samples"]["sample0"]["number"]
        name = connection.ask("/seki/incidents")["incidents"]["incident0"]["id"]
        for command in ("/seki/samples", f"/seki/explain,{number}", "/seki/posture", f"/seki/incident,{name},decisions"):
            reply = connection.raw(command)
            assert len(reply) > 200 and flooded.SOURCES.encode() not in reply, command


def sentences(reply):
    return [text(pieces) for _, pieces in sorted(reply["sentences"].items())]


def came_to(said, place):
    """What strangers send to a place, a second, by its three windows; and what it may have."""
    row = re.search(rf"To {place}: packets a second (\d+) over 200 ms, (\d+) over 1 s, (\d+) over 10 s, from strangers; "
                    r"the limit there is (\d+) (k?)pps", said)
    *came, limit, kilo = row.groups()
    return *map(int, came), int(limit) * (1000 if kilo else 1)


def test_explain_sample(box):
    row = next(row for row in box.rows("/seki/samples", "samples", "web") if row["reason"] == "flood")
    reply = box.ask(f"/seki/explain,{row['number']}")
    assert (reply["number"], reply["zone"], reply["vector"], reply["verdict"], reply["reason"]) == \
        (row["number"], "web", "udp", "drop", "flood")
    said = "\n".join(sentences(reply))
    assert f'a packet came to zone "web" of domain "default", for {flooded.HOST}/32' in said
    assert 'It was dropped by flood, reason "flood": The zone is flooded' in said
    assert came_to(said, "the host")[0] > 0
    assert 'countermeasures.flood.mode is "auto" for the zone' in said
    assert text(box.ask("/seki/explain,99999999")["why"]) == "there is no such sample, or not any more"


def test_explain_packet(box):
    """The same as becomes of the flood's packets, from which an address that nobody has seen differs in nothing."""
    reply = box.ask(f"/seki/explain,udp,192.0.2.9,40000,{flooded.HOST},443")
    assert (reply["zone"], reply["vector"], reply["source"], reply["source_port"]) == ("web", "udp", "192.0.2.9", 40000)
    said = "\n".join(sentences(reply))
    step = box.posture()["step"]
    assert f'the step in force is "{step}"' in said and "flood is raised for packets of this vector to this destination" in said
    assert (reply["verdict"] == "drop") == (step == "strict")
    for place in "the host", re.escape(flooded.HOST.rsplit(".", 1)[0]) + r"\.0/24", "the zone":
        fifth, second, ten, limit = came_to(said, place)
        assert min(fifth, second) > limit and ten > 0
    other = box.ask("/seki/explain,tcp,192.0.2.9,40000,198.51.100.8,443")
    assert other["verdict"] == "pass" and "service_budget" in "\n".join(sentences(other))
    assert box.ask("/seki/explain,udp,2001:db8:1::1,1,2001:db8::1,2")["zone"] == "lab"
    assert box.ask("/seki/explain,udp,8.8.8.8,1,9.9.9.9,2")["reason"] == "no_zone"


@pytest.mark.parametrize("question, why", [
    ("", "neither the number"), (",", "neither the number"), ("0", "neither the number"), ("x", "neither the number"),
    ("-1", "neither the number"), ("99999999999999999999999", "neither the number"), ("18446744073709551615", "no such sample"),
    ("udp,1,2", "source is no address"), ("udp,8.8.8.8/32,1,198.51.100.7,2", "source is no address"),
    ("udp,8.8.8.8,65536,198.51.100.7,2", "source port"), ("udp,8.8.8.8,1,198.51.100.7,x", "destination port"),
    ("256,8.8.8.8,1,198.51.100.7,2", "protocol"), ("xyz,8.8.8.8,1,198.51.100.7,2", "protocol"),
    ("udp,8.8.8.8,1,2001:db8::1,2", "one family"), ("udp,8.8.8.8,1,", "destination is no address"), ("%s%n,1", "protocol"),
    ("udp," + "9" * 900, "source is no address")], ids=lambda value: value[:30])
def test_wrong_questions(box, question, why):
    reply = json.loads(box_raw(box, f"/seki/explain,{question}"))["/seki/explain"]
    assert why in text(reply["why"]) and "sentences" not in reply


def box_raw(box, command):
    with box.connect() as connection:
        return connection.raw(command)


def override(box, *words):
    return box.ask("/seki/override," + ",".join(map(str, words)))


def test_operator_holds_back(box):
    """The flood passes as long as an operator wants, and no longer; the incident has it."""
    assert override(box, "web", "udp", "none", 3) == {"zone": "web", "vector": "udp", "step": "none", "seconds": 3,
                                                      "done": "yes", "mode": "enforce", "why": []}
    row = flooded.until(lambda: (row := box.posture())["passed_pps"] > row["limit_pps"] and row, 3)
    assert (row["step"], row["override"]) == ("none", "yes") and row["own_step"] != "none"
    assert 0 < row["override_left_ms"] <= 3000
    began = time.monotonic()
    flooded.until(lambda: box.posture()["override"] == "no")
    assert time.monotonic() - began < 3.5
    flooded.until(lambda: (row := box.posture())["passed_pps"] < row["limit_pps"])
    name = box.posture()["incident"]
    with box.connect() as connection:
        made = [row for row in connection.pages("/seki/incident", "rows", f"{name},decisions").values()
                if row["action"] == "override"]
    assert [text(row["why"]) for row in made][-2:] == ["an operator wants it so for 3 s", "the time that an operator set is over"]
    assert (made[-2]["step"], made[-1]["before"]) == ("none", "none") and made[-1]["step"] != "none"
    assert 'an operator sets udp of zone "web" to "none"' in box.log()
    assert 'udp of zone "web" is the detector\'s again' in box.log()


def test_operator_raises(box):
    """In a zone that is not attacked: for the whole of it, until it is given back; a reload changes nothing of it."""
    assert override(box, "lab", "udp", "flood", 60)["mode"] == "observe"
    row = flooded.until(lambda: box.posture("lab"))
    assert (row["state"], row["step"], row["own_step"], row["whole_zone"]) == ("idle", "flood", "none", "yes")
    flooded.until(lambda: "flood is raised for packets of this vector" in
                  "\n".join(sentences(box.ask("/seki/explain,udp,8.8.8.8,1,198.18.0.1,2"))))
    done = box.ask("/seki/info")["reloads"]
    box.reload()
    flooded.until(lambda: box.ask("/seki/info")["reloads"] > done)
    time.sleep(0.3)
    assert box.posture("lab")["step"] == "flood"
    assert "flood is raised for packets of this vector" in \
        "\n".join(sentences(box.ask("/seki/explain,udp,2001:db8:ffff::1,1,2001:db8::1,2")))
    assert override(box, "lab", "udp", "auto")["done"] == "yes"
    flooded.until(lambda: box.posture("lab") is None)
    assert text(override(box, "lab", "udp", "auto")["why"]) == "it was the detector's already"
    assert box.ask("/seki/detect")["overrides"] == 0


@pytest.mark.parametrize("words, why", [
    ("", "no such zone"), ("nobody,udp,flood,9", "no such zone"), ("web", "no such vector"), ("web,none,flood,9", "no such vector"),
    ("web,udp", "no such step"), ("web,udp,higher,9", "no such step: none, source, budget, signature, flood, strict, proven or auto"), ("web,udp,flood", "how many seconds"),
    ("web,udp,flood,0", "how many seconds"), ("web,udp,flood,86401", "how many seconds"), ("web,udp,flood,-9", "how many seconds"),
    ("web,udp,flood,1e3", "how many seconds"), ("web,ntp,flood,9", "ladder does not have this step"),
    ("lab,udp,signature,9", "no signature"), ("web,%s%n,flood,9", "no such vector"), ("x" * 900, "no such zone")], ids=lambda value: value[:20])
def test_what_cannot_be_set(box, words, why):
    reply = box.ask(f"/seki/override,{words}")
    assert reply["done"] == "no" and why in text(reply["why"]), reply
    assert box.ask("/seki/detect")["overrides"] == 0


# A page that this box cannot fill: so many rows with the longest names and the largest numbers fit one.
@pytest.mark.parametrize("command, key, per_page, more", [
    ("/seki/incidents", "incidents", 8, 16 * 26 + 53 * 13 + 60), ("/seki/posture", "postures", 10, 16 * 26 + 150),
    ("/seki/samples", "samples", 24, 60)])
def test_full_page_would_fit(box, command, key, per_page, more):
    reply = json.loads(box_raw(box, command))[command]
    assert reply["limit"] == per_page
    item = re.sub(r":\s*\d+", ": 18446744073709551615", json.dumps(next(iter(reply[key].values()))))
    assert (len(item) + more) * per_page + 500 < telemetry.REPLY_MAX


@pytest.mark.parametrize("part, per_page, more", [("vectors", 24, 100), ("targets", 8, 53 * 13 + 30), ("decisions", 12, 400),
                                                  ("timeline", 32, 20), ("drops", 32, 20)])
def test_full_part_would_fit(box, part, per_page, more):
    name = box.rows("/seki/incidents", "incidents")[0]["id"]
    reply = box.ask(f"/seki/incident,{name},{part}")
    assert reply["limit"] == per_page
    item = re.sub(r":\s*-?\d+", ": 18446744073709551615", json.dumps(next(iter(reply["rows"].values()))))
    assert (len(item) + more) * per_page + 800 + len(os.fspath(box.where)) < telemetry.REPLY_MAX
