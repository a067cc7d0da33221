# SPDX-License-Identifier: BSD-3-Clause
"""What a demo leaves: build/demo, with the demo before it in build/demo.previous."""
import json
import os
import shutil
import tempfile

from reporting import page, schema


def write_report(incident, path):
    text = page.html_of(schema.read(json.dumps(incident).encode()), "both")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def fill(where, stage, conf, incidents):
    """Returns the reports' names, the first incident's first."""
    with open(os.path.join(where, "demo.conf"), "w", encoding="utf-8") as file:
        file.write(conf)  # as it was given, to play with; not the copy with this run's names in it
    for name in ("seki.log", "counters.txt", "seki-gen.json"):
        shutil.copy(stage.path(name), where)
    reports = []
    for n, incident in enumerate(incidents, 1):
        shutil.copy(stage.path(f"{incident['id']}.json"), where)
        reports.append("report.html" if n == 1 else f"report-{n}.html")
        write_report(incident, os.path.join(where, reports[-1]))
    return reports


def keep(build, stage, conf, incidents):
    """All or nothing. Returns (directory, where what was there before is now or None, the reports' names)."""
    out = os.path.join(build, "demo")
    work = tempfile.mkdtemp(prefix="demo.", dir=build)
    try:
        reports = fill(work, stage, conf, incidents)
        os.chmod(work, 0o755)
        previous = out + ".previous" if os.path.exists(out) else None
        if previous:
            if os.path.exists(previous):
                shutil.rmtree(previous)
            os.rename(out, previous)
        os.rename(work, out)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return out, previous, reports
