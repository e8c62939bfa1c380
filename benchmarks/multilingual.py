"""Asks in several languages, with the extra `[multilingual]`, and in English with and without."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from indexer.build import index_articles
from indexer.cache import cache_folder
from indexer.errors import ModelError
from indexer.evaluation.dataset import Dataset, read_dataset
from indexer.evaluation.evaluate import evaluate_snapshot
from indexer.evaluation.report import MEASURES, figure
from indexer.evaluation.result import SetResult, SystemResult
from indexer.evaluation.run import PRODUCT
from indexer.model import export_encoder
from indexer.snapshot import Snapshot

XQUAD = "xquad_xling_en"
_MODEL = "multilingual"
_ENGLISH = "en"
# English sets that are asked with both models. The two largest are left out: embedding them
# a second time takes the better part of an hour, and the questions are of the same kind.
_BOTH = ("alerts_kube_runbooks", "covid_vaccine_faq", "stackfaq", "techqa_sample")


@dataclass(frozen=True, slots=True)
class Multilingual:
    """What the multilingual model does for other languages, and to English.

    Attributes:
        alone: XQuAD with the default model.
        beside: XQuAD with the multilingual one.
        english: nDCG@10 of English questions by set: default model, multilingual.
    """

    alone: SetResult
    beside: SetResult
    english: dict[str, tuple[float, float]]

    def success_by_language(self) -> dict[str, float]:
        """Return success@1 of the product in each language but English."""
        return {
            language: systems[0].means["success@1"]
            for language, systems in self.beside.languages.items()
            if language != _ENGLISH
        }

    def english_changes(self) -> dict[str, float]:
        """Return by how much nDCG@10 of English questions changes, by set."""
        return {name: after - before for name, (before, after) in self.english.items()}

    def page(self) -> Iterator[str]:
        """Yield the lines of the page's part about languages."""
        yield f"{XQUAD}: questions in six languages against {self.beside.articles} English texts,"
        yield "with the default model alone and with `model = multilingual`."
        yield ""
        yield "| language | questions | model | " + " | ".join(MEASURES) + " |"
        yield "|---" * (3 + len(MEASURES)) + "|"
        for language in self.beside.languages:
            yield _row(language, "default", self.alone.languages[language][0])
            yield _row(language, _MODEL, self.beside.languages[language][0])
        yield ""
        yield "English questions must not suffer; nDCG@10:"
        yield ""
        yield "| set | default | multilingual | change |"
        yield "|---|---|---|---|"
        for name, (before, after) in self.english.items():
            yield f"| {name} | {before:.4f} | {after:.4f} | {after - before:+.4f} |"


def measure_multilingual(folder: Path, default: Mapping[str, SetResult]) -> Multilingual | None:
    """Measure, or return None where the model or XQuAD is missing.

    Args:
        folder: of the datasets.
        default: results with the default model, by dataset.
    """
    try:
        export_encoder(_MODEL, cache_folder() / "encoders")
    except ModelError as error:
        print(f"other languages are not measured: {error}", file=sys.stderr)
        return None
    if XQUAD not in default:
        return None
    beside = _asked(read_dataset(folder / XQUAD), _MODEL)
    alone = default[XQUAD]
    english = {XQUAD: (_ndcg(alone.languages[_ENGLISH]), _ndcg(beside.languages[_ENGLISH]))}
    for name in _BOTH:
        if name in default:
            after = _asked(read_dataset(folder / name), _MODEL)
            english[name] = (_ndcg(default[name].systems), _ndcg(after.systems))
    return Multilingual(alone, beside, english)


def _asked(dataset: Dataset, model: str) -> SetResult:
    with TemporaryDirectory() as scratch:
        index_articles(dataset.articles or (), Path(scratch), model)
        snapshot = Snapshot.open(Path(scratch))
        return evaluate_snapshot(dataset, snapshot)


def _ndcg(systems: tuple[SystemResult, ...]) -> float:
    return next(system for system in systems if system.name == PRODUCT).means["nDCG@10"]


def _row(language: str, model: str, system: SystemResult) -> str:
    figures = " | ".join(figure(system.means[measure]) for measure in MEASURES)
    return f"| {language} | {system.questions} | {model} | {figures} |"
