# SPDX-License-Identifier: BSD-3-Clause
"""Answers to questions that went another way come through a flood from the same ports (split_path.py, shorter)."""
import split_path


def test_answers_come_through_reflection(seki_bin, tmp_path):
    calm, flood, _ = split_path.look(seki_bin, str(tmp_path), peace=20, flood=4, pps=15000)
    assert split_path.verdict(calm, flood, 4) == []


def test_it_can_fail(seki_bin, tmp_path, monkeypatch):
    """Without what a familiar source may send, most answers are lost, and are found to be."""
    stock = split_path.config

    def strict(services=False):
        return stock(services).replace("reflection = {", 'reflection = { familiar_pps = "0 pps";')
    monkeypatch.setattr(split_path, "config", strict)
    wrong = split_path.verdict(*split_path.look(seki_bin, str(tmp_path), peace=2, flood=3, pps=15000)[:2], 3)
    assert len([sentence for sentence in wrong if "answers lost" in sentence]) >= 4
