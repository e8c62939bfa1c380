"""Measures gaps: do groups agree with people's labels, do names stay, how long and how large.

    python benchmarks/gaps.py ../shared/eval --write PAGE

Takes labelled questions in the BEIR layout; every question of one article, or of one intent
that was held out, should be one group. The groups of the product stand beside those of other
methods, each with the setting that is best for it over all sets. The large log is made up.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import networkx as nx
import numpy as np
from sklearn.cluster import HDBSCAN, AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from indexer.embedding import compiled_models
from indexer.encoder import Encoder
from search_api.events.event import QuestionEvent
from search_api.events.log import EventLog
from search_api.insights.clustering import STEP, cluster, enough_similarity, usual_similarity
from search_api.insights.gaps import GapList, find_gaps
from search_api.insights.outcomes import read_outcomes

QUESTIONS, BADLY, TOPICS = 100_000, 0.3, 2_000
AGREEMENT, KEPT, SECONDS, MEGABYTES = 0.5, 0.9, 60, 1_000
DAYS, ROUNDS = 28, 5
HELD_OUT = "banking77 held-out intents"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
Vectors = np.ndarray


class Labelled(NamedTuple):
    """Questions with the group that people put each into."""

    texts: list[str]
    labels: list[str]
    vectors: Vectors


def main() -> None:
    """Measure, print, and write the page if told so."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder of labelled datasets")
    parser.add_argument("--write", type=Path, help="page to write")
    chosen = parser.parse_args()
    lines = []
    for line in _page(chosen.folder):
        print(line, flush=True)
        lines.append(line)
    if chosen.write:
        chosen.write.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if any(line.endswith("| MISSED |") for line in lines):
        sys.exit(1)


def _page(folder: Path) -> Iterator[str]:
    sets = _read_sets(folder)
    yield "# How good gaps are"
    yield ""
    yield "Made by `make bench-gaps`, on the labelled questions that [Evaluation](evaluation.md)"
    yield f"describes. {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.machine()},"
    yield f"Python {platform.python_version()}."
    yield ""
    yield "| promise | measured | must be | |"
    yield "|---|---|---|---|"
    agreement = _agreement(sets[HELD_OUT], _product)
    yield _row("held-out intents: adjusted Rand index", agreement, AGREEMENT, f"{agreement:.2f}")
    for name, kept in _stability(sets[HELD_OUT]).items():
        yield _row(f"{name}: gaps that keep their id, mean of {ROUNDS}", kept, KEPT, f"{kept:.0%}")
    with tempfile.TemporaryDirectory() as scratch:
        seconds, cpu_seconds, megabytes, count = _scale(Path(scratch))
    name = f"`sop gaps` over {QUESTIONS:,} questions, {BADLY:.0%} of which went badly"
    # Other programs may use the machine meanwhile; what both cores worked for this one is its own.
    told = f"{cpu_seconds:.0f} s ({seconds:.0f} s until it was done, on a machine in use)"
    yield _row(f"{name}: processor time", -cpu_seconds, -SECONDS, told)
    yield _row(f"the same, {count:,} gaps: memory", -megabytes, -MEGABYTES, f"{megabytes:.0f} MB")
    yield ""
    yield "## Agreement with people's labels"
    yield ""
    yield "Adjusted Rand index: 1 is the labels themselves, 0 is chance. The product has one"
    yield f"setting, {STEP}; the others have the one that is best for them over all sets."
    yield ""
    names = list(sets)
    yield f"| method | {' | '.join(names)} | mean |"
    yield f"|---|{'---|' * (len(names) + 1)}"
    for method, settings, run in METHODS:
        found = [
            [
                _agreement(one, lambda vectors, s=setting, r=run: r(vectors, s))
                for one in sets.values()
            ]
            for setting in settings
        ]
        best = max(range(len(settings)), key=lambda place: float(np.mean(found[place])))
        cells = " | ".join(f"{value:.2f}" for value in found[best])
        told = f"{method}, {settings[best]}" if settings[best] is not None else method
        yield f"| {told} | {cells} | {np.mean(found[best]):.2f} |"


def _row(name: str, value: float, least: float, told: str) -> str:
    """Return a line of the table; a negative bound is an upper one."""
    bound = f"at least {least}" if least > 0 else f"under {-least}"
    return f"| {name} | {told} | {bound} | {'held' if value >= least else 'MISSED'} |"


def _read_sets(folder: Path) -> dict[str, Labelled]:
    english, multilingual = (one.encoder for one in compiled_models("multilingual"))
    held_out, strange = [], []
    for one in _lines(folder / "banking77_oos" / "oos_queries.jsonl"):
        known = one.get("held_out_intent")
        (held_out if known else strange).append((one["text"], known or one["id"]))
    groups = {
        HELD_OUT: held_out,
        "these among 250 unrelated": [*held_out, *strange],
        **{name: _by_article(folder / name) for name in ("banking77_oos", "stackfaq")},
        "clinc150_oos": _by_article(folder / "clinc150_oos"),
    }
    groups["both, few large and many small"] = _skewed([*held_out, *groups["banking77_oos"]])
    sets = {name: _labelled(pairs, english) for name, pairs in groups.items()}
    return sets | {"held-out intents, multilingual": _labelled(held_out, multilingual)}


def _skewed(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return few questions of most labels: in a log some topics are asked ten times as often."""
    order = {label: place for place, label in enumerate(sorted({label for _, label in pairs}))}
    left = {label: 1 + 9 // (1 + place % 10) for label, place in order.items()}
    kept = []
    for text, label in pairs:
        if left[label]:
            left[label] -= 1
            kept.append((text, label))
    return kept


def _labelled(pairs: list[tuple[str, str]], encoder: Encoder) -> Labelled:
    texts, labels = [text for text, _ in pairs], [label for _, label in pairs]
    return Labelled(texts, labels, encoder.encode(texts, "query"))


def _by_article(folder: Path) -> list[tuple[str, str]]:
    rows = [line.split("\t") for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()]
    articles = {row[0]: row[1] for row in rows if int(row[2]) > 0}
    asked = _lines(folder / "queries.jsonl")
    return [(one["text"], articles[one["id"]]) for one in asked if one["id"] in articles]


def _lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _agreement(labelled: Labelled, method: Callable[[Vectors], Sequence[int]]) -> float:
    return float(adjusted_rand_score(labelled.labels, method(labelled.vectors)))


def _product(vectors: Vectors, _setting: None = None) -> Sequence[int]:
    return cluster(vectors, enough_similarity(usual_similarity(vectors)))


def _average(vectors: Vectors, enough: float) -> Sequence[int]:
    return cluster(vectors, enough)


def _complete(vectors: Vectors, enough: float) -> Sequence[int]:
    method = AgglomerativeClustering(
        None, metric="precomputed", linkage="complete", distance_threshold=1 - enough
    )
    return method.fit_predict(np.clip(1 - vectors @ vectors.T, 0, 2))


def _leaders(vectors: Vectors, enough: float) -> Sequence[int]:
    """Each joins the first leader that is near; then twice all go to the nearest mean."""
    labels = np.full(len(vectors), -1)
    for place in range(len(vectors)):
        if labels[place] < 0:
            labels[(labels < 0) & (vectors @ vectors[place] >= enough)] = place
    for _ in range(2):
        means = np.stack([vectors[labels == one].mean(axis=0) for one in np.unique(labels)])
        means /= np.linalg.norm(means, axis=1, keepdims=True)
        labels = (vectors @ means.T).argmax(axis=1)
    return labels


def _propagation(vectors: Vectors, enough: float) -> Sequence[int]:
    """Label propagation among those that are each other's ten nearest."""
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    near = np.zeros_like(cosines, dtype=bool)
    np.put_along_axis(near, np.argsort(-cosines, axis=1)[:, :10], values=True, axis=1)
    graph = nx.Graph()
    graph.add_nodes_from(range(len(vectors)))
    for one, other in np.argwhere(np.triu(near & near.T & (cosines >= enough))).tolist():
        graph.add_edge(one, other, weight=float(cosines[one, other]))
    labels = np.zeros(len(vectors), int)
    for number, group in enumerate(nx.community.asyn_lpa_communities(graph, "weight", seed=0)):
        labels[list(group)] = number
    return labels


def _hdbscan(vectors: Vectors, fewest: int) -> Sequence[int]:
    """Density; what it calls noise is alone."""
    labels = HDBSCAN(fewest, copy=True).fit_predict(vectors)
    noise = labels < 0
    labels[noise] = labels.max() + 1 + np.arange(noise.sum())
    return labels


METHODS = (
    ("**average linkage, bound measured** (the product)", (None,), _product),
    ("average linkage, one bound", (0.45, 0.5, 0.55, 0.6), _average),
    ("complete linkage", (0.3, 0.35, 0.4, 0.45, 0.5), _complete),
    ("leaders, then spherical k-means", (0.45, 0.5, 0.55, 0.6, 0.65), _leaders),
    ("label propagation, mutual neighbours", (0.3, 0.4, 0.5, 0.6), _propagation),
    ("HDBSCAN", (2, 3, 5), _hdbscan),
)


def _stability(labelled: Labelled) -> dict[str, float]:
    """Return which share of gaps keeps its id when a day comes, and when the oldest one goes."""
    kept: dict[str, list[float]] = {"a day comes": [], "the oldest day goes": []}
    for seed in range(ROUNDS):
        days = np.random.default_rng(seed).random(len(labelled.texts)) * (DAYS + 1)
        whole, later, earlier = (
            {gap.id for gap in _gaps(labelled, days, ends).gaps}
            for ends in ((0, DAYS), (1, DAYS), (0, DAYS + 1))
        )
        kept["a day comes"].append(len(whole & earlier) / len(whole))
        kept["the oldest day goes"].append(len(whole & later) / len(whole))
    return {name: float(np.mean(shares)) for name, shares in kept.items()}


def _gaps(labelled: Labelled, days: Vectors, ends: tuple[float, float]) -> GapList:
    questions = [
        _question(number, labelled.texts[number], labelled.vectors[number], float(days[number]))
        for number in np.flatnonzero((days >= ends[0]) & (days < ends[1])).tolist()
    ]
    since, until = (NOW + timedelta(days=end) for end in ends)
    return find_gaps(read_outcomes(questions, []), since, until)


def _question(
    number: int, text: str, vector: Vectors, day: float, *, abstain: bool = True
) -> QuestionEvent:
    ranked = [
        {"id": f"acc-{(number * 7 + place) % 500:03d}", "score": 0.8123, "confidence": 0.1234}
        for place in range(5)
    ]
    return QuestionEvent(
        query_id=f"{number:032x}",
        asked_at=NOW + timedelta(days=day),
        text=text,
        language="en",
        channel=("chat", "mail", "web")[number % 3],
        reference=f"T-{number}",
        actor=f"{number % 800:032x}",
        decision="abstain" if abstain else "suggest",
        suggestions=ranked,
        index_version="0" * 16,
        took_ms=5.0,
        confidence=0.1 if abstain else 0.6,
        threshold=0.3,
        shown=0 if abstain else 5,
        vector=vector,
        encoder="e" * 16,
        asked_with={
            "audiences": ["internal"],
            "tags": [],
            "platforms": [],
            "type": [],
            "limit": 5,
            "language": None,
        },
    )


def _scale(scratch: Path) -> tuple[float, float, float, int]:
    """Return what `sop gaps` takes over a large log, and how many gaps it finds.

    That is: seconds, seconds of processor time, megabytes.
    """
    url = f"sqlite:///{scratch / 'events.db'}"
    log = EventLog(url, QUESTIONS + 1)
    log.start()
    rng = np.random.default_rng(1)
    centres = rng.standard_normal((TOPICS, 384)).astype(np.float32)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    shares = 1 / np.arange(1, TOPICS + 1) ** 0.7
    topics = rng.choice(TOPICS, QUESTIONS, p=shares / shares.sum())
    for number, topic in enumerate(topics.tolist()):
        vector = centres[topic] + 0.035 * rng.standard_normal(384).astype(np.float32)
        text = (
            f"the step word{topic} of tool{topic % 97} does not work for user group {number % 50}"
        )
        log.record_question(
            _question(
                number,
                text,
                vector / np.linalg.norm(vector),
                float(rng.random() * DAYS),
                abstain=bool(rng.random() < BADLY),
            )
        )
    while log.waiting:
        time.sleep(0.2)
    log.close()
    last = NOW + timedelta(days=DAYS - 1)
    command = ["gaps", "--format", "json", "--top", "1000000", "--date", f"{last:%Y-%m-%d}"]
    started = time.perf_counter()
    done = subprocess.run(
        [Path(sys.executable).with_name("sop"), *command],
        env=os.environ | {"SOPKB_EVENTS_URL": url},
        cwd=scratch,
        check=True,
        capture_output=True,
    )
    seconds = time.perf_counter() - started
    found = json.loads(done.stdout)
    if found["asked"] != QUESTIONS:
        raise SystemExit(f"the log has {found['asked']:,} questions")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, len(found["gaps"])


if __name__ == "__main__":
    main()
