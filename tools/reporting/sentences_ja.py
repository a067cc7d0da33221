# SPDX-License-Identifier: BSD-3-Clause
"""Japanese for the sentences that Seki writes into an incident file: what was seen, why, by what method.

Keys are the sentences as the C sources have them, with the conversions of printf; widths of integers are left out (%u is
any unsigned one). A test reads the sources and wants a row here for each sentence that can get into a file. Rows of
sentences that are no longer written stay: old incidents have them. What has no row is shown as it is, marked as English.

A value is a text or a function of a Said. In a text, {step} is the decision's step and {0}, {1}, ... are what the
conversions wrote.
"""
import functools
import re
from dataclasses import dataclass

LONGEST = 500  # characters; Seki writes nothing longer, and patterns are not tried on it
PREFIXES = {"": 1, "k": 10 ** 3, "M": 10 ** 6, "G": 10 ** 9}
CONVERSION = re.compile(r"%(%|s|u|d|\.\d+f)")
WRITTEN = {"%": "%", "s": "(.*?)", "u": r"(\d+)", "d": r"(-?\d+)"}
NUMBER = r"(-?\d+(?:\.\d+)?)"
OTHERS = " and others"


@dataclass
class Said:
    """What a sentence is made from: the texts its conversions wrote, its decision ({} of a method), the words."""

    texts: tuple
    decision: dict
    words: object


def rate_of(text, unit):
    """The rate of "12.3 kpps", where the unit is "pps"; None if it is none of that."""
    number, _, name = text.partition(" ")
    try:
        return float(number) * PREFIXES[name.removesuffix(unit)] if name.endswith(unit) else None
    except (KeyError, ValueError):
        return None


# How the sentence of what was seen ends: why it is an attack.
TELLS = {
    "": "",
    "; the zone is over its capacity": "ゾーン全体の流入量が、設定された処理容量を超えています。",
    "; one source asks for most of it": "接続要求の大半は1つの送信元からのものです。",
    "; few of the handshakes complete": "完了するハンドシェイクはわずかです。",
    "; little of it is of connections that the inside has": "内側で確立している接続に属するものはわずかです。",
}


def seen(said):
    """
    Numbers of the decision itself; the limit of the text where the decision has none, as for a limit of the zone. None if
    it ends in a way that is not known.
    """
    words, numbers, decision = said.words, said.words.numbers, said.decision
    came_text, _, first, more, hosts, _, limit_text, origin, tells = said.texts
    if tells not in TELLS:
        return None
    target = first + more
    others = "ほか" if target.endswith(OTHERS) else ""
    target = target.removesuffix(OTHERS)
    place = "ゾーン全体" if target == "the zone" else target
    aimed = f"（攻撃対象{words.hosts(int(hosts))}）" if int(hosts) else ""
    bits, packets = rate_of(limit_text, "bps"), decision["limit_pps"] or rate_of(limit_text, "pps")
    came = rate_of(came_text, "bps")
    limit = numbers.bps(bits) if bits else numbers.pps(packets) if packets else None
    known = {"default": "既定値", "configured": "設定値", "learned": "学習値", "event": "予定行事",
             "companion": "併発時は10分の1"}.get(origin, origin)
    allowed = f"上限は{limit}（{known}）です。" if limit else "パケット数の上限はありません。"
    offered = numbers.bps(came) if came else numbers.pps(decision["rate_pps"])
    return (f"{place}{others}宛ての{words.vector(decision['vector'])}の流入量は{offered}{aimed}、"
            f"{allowed}{TELLS[tells]}")


def ordered(said):
    time = said.words.numbers.duration(int(said.texts[0]) * 1000)
    return f"運用者が、{time}の間「{said.words.step(said.decision['step'])}」とするよう指示しました。"


SEEN = {
    "%s of %s to %s%s, %u host%s; the limit there is %s (%s)%s": seen,
}

WHY = {
    "what is in force already stops it": "すでに適用されている対策で止まっているため、何も発動していません。",
    "no step of its ladder may be raised in this zone":
        "このゾーンの設定では、この攻撃に対して発動できる段階がないため、何も発動していません。",
    "nearly all of it comes from sources that are above their own limits":
        "攻撃のほぼすべてが、送信元別の上限を超えた送信元から来ているため、「{step}」を適用しました。",
    "most of it comes from sources that are above their own limits":
        "攻撃の大半が、送信元別の上限を超えた送信元から来ているため、「{step}」を適用しました。",
    "milder steps would let too much of it pass":
        "これより軽い段階では攻撃の通過量が多すぎると見込まれるため、「{step}」を適用しました。",
    "it is the mildest step that can be expected to be enough":
        "「{step}」が、効果を見込める最も軽い段階です。",
    "it is tried whether it is enough; milder steps would let more of it pass":
        "「{step}」で足りるかどうかを、まず試しました。これより軽い段階では通過量がさらに多くなります。",
    "the attack changes its vector: what else comes to its targets is held to what would make it part of the attack":
        "攻撃がベクトルを変えているため、攻撃対象宛ての他のベクトルも、攻撃の一部とみなす量に達したところで止めます。",
    "connections come of it: it is a crowd and no attack":
        "接続が確立しており、攻撃ではなく利用者の集中と判断したため、解除しました。",
    "it has not been over its limit again": "警戒中に再び上限を超えることはありませんでした。",
    "signatures hold the attack, and spare strangers that are not part of it":
        "シグネチャで攻撃を止められ、攻撃と無関係な初見の相手先を巻き込まずに済むため、引き下げました。",
    "the attack has changed and they no longer hold it: others are looked for":
        "攻撃が変化し、シグネチャでは止められなくなったため、使用をやめて新たに探しています。",
    "as the attack is now, a milder step is enough":
        "現在の攻撃の状況ではより軽い段階で足りるため、「{step}」へ引き下げました。",
    "%u.%u %% of the attack still passes": "攻撃の{0}.{1}%がなお通過しているため、「{step}」へ引き上げました。",
    "an operator wants it so for %u s": ordered,
    "an operator gives the vector back": "運用者が指示を取り消し、判断をSekiに戻しました。",
    "the configuration no longer allows what an operator wants":
        "設定変更により運用者の指示した段階が使えなくなったため、判断をSekiに戻しました。",
    "the configuration no longer allows the step before": "設定変更により、それまでの段階が使えなくなりました。",
    "the time that an operator set is over": "運用者の指示した時間が過ぎたため、判断をSekiに戻しました。",
    "found in samples of the attack and clean traffic; it is tried first":
        "攻撃と平常時のサンプルを比較してシグネチャを抽出しました。適用に先立ち、新たなサンプルで効果を確かめます。",
}

METHOD = {
    "What passed of each vector from strangers since it was mitigated, less what was usual before; the interval is from "
    "twice what was usual to all that passed.":
        "抑止後に通過した、既知の通信に属さない各ベクトルのパケット数から、攻撃前の平常量を差し引いて求めています。区間の下限は"
        "平常量の2倍を差し引いた場合、上限は通過したすべてを攻撃とみなした場合です。",
    "What passed of each vector from strangers since it was mitigated (or detected, if it never was), less what was "
    "usual before; the interval is from twice what was usual to all that passed.":
        "抑止後（抑止に至らなかった場合は検知後）に通過した、既知の通信に属さない各ベクトルのパケット数から、攻撃前の平常量を差し引いて求めています。区間の下限は"
        "平常量の2倍を差し引いた場合、上限は通過したすべてを攻撃とみなした場合です。",
    "What was usual of each vector from strangers before, as far as it fell under what was raised, and what "
    "signatures hold of clean samples; the interval is from none to twice the usual or the 95 % bound.":
        "既知の通信に属さない各ベクトルの攻撃前の平常量のうち、発動した対策の対象となった分と、正規サンプルのうちシグネチャに該当した"
        "割合から求めています。区間の下限はゼロ、上限は平常量の2倍または95%の信頼限界です。",
}

TABLES = {"seen": SEEN, "why": WHY, "method": METHOD}


def pattern_of(sentence):
    """What printf can make of a sentence, as a regular expression with a group for each conversion."""
    out, end = [], 0
    for found in CONVERSION.finditer(sentence):
        out += [re.escape(sentence[end:found.start()]), WRITTEN.get(found[1], NUMBER)]
        end = found.end()
    return re.compile("".join(out) + re.escape(sentence[end:]), re.DOTALL)


@functools.cache
def patterns(kind):
    return [(pattern_of(sentence), japanese) for sentence, japanese in TABLES[kind].items()]


def translated(kind, text, words, decision):
    """The Japanese of a sentence of the file, or None if no row knows it. `kind`: a key of TABLES."""
    for pattern, japanese in patterns(kind) if len(text) <= LONGEST else []:
        found = pattern.fullmatch(text)
        if found and callable(japanese):
            return japanese(Said(found.groups(), decision, words))
        if found:
            return japanese.format(*found.groups(), step=words.step(decision.get("step")))
    return None
