"""Articles become an index in memory: cut, embedded, counted; nothing is published here.

A build publishes what this gives; checks and comparisons ask it and throw it away.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

import numpy as np

from indexer.answer import read_question
from indexer.article import Article
from indexer.cache import cache_folder
from indexer.calibration import (
    FEWEST_PROBES,
    FOLDS,
    MOST_OWN_QUESTIONS,
    Calibration,
    Fold,
    OwnQuestion,
    choose_probes,
    draw,
    fit_calibration,
    fit_own_questions,
)
from indexer.chunk_cache import ChunkCache
from indexer.chunking import Chunk
from indexer.embedding import ArticleEncoder, CompiledModel, Embedder
from indexer.encoder import Embeddings
from indexer.language import DEFAULT_LANGUAGE, detect_language
from indexer.lexical import LexicalIndex, analyze
from indexer.progress import Progress, Silence
from indexer.projection import fit_projection
from indexer.question_cache import encode_questions
from indexer.search_index import RankingSettings, SearchIndex
from indexer.space import SpaceContents, VectorSpace
from indexer.term_cache import terms_of
from indexer.threads import one_blas_thread
from indexer.tokens import PackedText, TokenIndex
from indexer.vocabulary import Synonyms, Vocabulary

# Longer chunks blur what they are about, so this holds for models that could read more.
MAX_CHUNK_TOKENS = 256


@dataclass(frozen=True)
class Indexed:
    """Articles as ranking sees them.

    Attributes:
        articles: in the order of the index' rows.
        chunks: of all articles, those of an article together.
        chunk_tokens: most tokens that a chunk may have.
        spaces: what each vector space holds.
        index: all of it, ready to be asked.
        reused: texts whose vectors were known.
        embedded: texts whose vectors were computed.
        embed_s: seconds spent on that.
    """

    articles: tuple[Article, ...]
    chunks: tuple[Chunk, ...]
    chunk_tokens: int
    spaces: tuple[SpaceContents, ...]
    index: SearchIndex
    reused: int
    embedded: int
    embed_s: float

    def folds(self) -> list[Fold]:
        """Return the index `FOLDS` times, each time without a part of the own questions."""
        stated = [text for article in self.articles for text in article.front_matter.questions]
        parts = np.array([draw(text) % FOLDS for text in stated], dtype=np.int64)
        held_out = [parts == fold for fold in range(FOLDS)]
        return [
            Fold(self.without_words(set(np.flatnonzero(one).tolist())), one) for one in held_out
        ]

    def without_words(self, rows: Container[int]) -> SearchIndex:
        """Return the index without the words of the own questions in some rows."""
        if not any(article.front_matter.questions for article in self.articles):
            return self.index
        texts = _article_texts(self.articles, self.chunks, rows)
        languages = [article.front_matter.language for article in self.articles]
        terms = terms_of(texts, languages)
        return replace(self.index, lexical_articles=LexicalIndex.of_terms(terms))

    def own_questions(self) -> list[tuple[int, int, str]]:
        """Return (row of the article, row of the question, question) of every own question.

        Those of articles that are only suggested through another one are left out.
        """
        stated = [
            (row, question)
            for row, article in enumerate(self.articles)
            for question in article.front_matter.questions
        ]
        leads_to = self.index.leads_to
        return [(row, n, text) for n, (row, text) in enumerate(stated) if leads_to[row] == row]


def index_in_memory(
    articles: Sequence[Article],
    models: Sequence[CompiledModel],
    synonyms: Synonyms | None = None,
    article_encoder: ArticleEncoder = "compiled",
    progress: Progress | None = None,
) -> Indexed:
    """Return the index of articles.

    Args:
        articles: at least one, ids unique.
        models: one for each vector space, from `compiled_models`.
        synonyms: the glossary, see `indexer.vocabulary`.
        article_encoder: `reference` embeds articles with the original model.
        progress: is told what is going on.
    """
    chunk_tokens = _chunk_tokens(models)
    chunks = _cut(articles, models)
    texts = [chunk.embedding_text() for chunk in chunks]
    embedders = [Embedder(model, article_encoder, progress or Silence()) for model in models]
    spaces = tuple(
        _space(embed, articles, chunks, texts, is_projected=not number)
        for number, embed in enumerate(embedders)
    )
    languages = {article.id: article.front_matter.language for article in articles}
    index = SearchIndex.of(
        articles,
        chunks,
        lexical_chunks=LexicalIndex.of_terms(
            terms_of(texts, [languages[chunk.article_id] for chunk in chunks])
        ),
        lexical_articles=LexicalIndex.of_terms(
            terms_of(_article_texts(articles, chunks), list(languages.values()))
        ),
        # Not of the questions: they are written the way people type.
        vocabulary=Vocabulary.build(texts, synonyms or {}),
        spaces=tuple(
            VectorSpace.build(space, model.encoder)
            for space, model in zip(spaces, models, strict=True)
        ),
        settings=RankingSettings(),
    )
    return Indexed(
        articles=tuple(articles),
        chunks=tuple(chunks),
        chunk_tokens=chunk_tokens,
        spaces=spaces,
        index=index,
        reused=sum(embed.reused for embed in embedders),
        embedded=sum(embed.embedded for embed in embedders),
        embed_s=sum(embed.seconds for embed in embedders),
    )


def embed_ahead(
    articles: Sequence[Article], models: Sequence[CompiledModel], progress: Progress | None = None
) -> None:
    """Embed what articles say and ask, where that is not known yet, for indexes to come.

    Two processes that index nearly the same articles at once would each embed them all.

    Args:
        articles: any; ids may repeat.
        models: see `index_in_memory`.
        progress: see `index_in_memory`.
    """
    chunks = _cut(articles, models)
    texts = [*(chunk.embedding_text() for chunk in chunks), *(one.title for one in articles)]
    questions = [text for article in articles for text in article.front_matter.questions]
    for model in models:
        embed = Embedder(model, "compiled", progress or Silence())
        embed.remember("passage", texts)
        embed.remember("query", questions)


def _cut(articles: Sequence[Article], models: Sequence[CompiledModel]) -> list[Chunk]:
    """Return the chunks of all articles, in order."""
    first = models[0].encoder
    cutter = ChunkCache(cache_folder(), first.description.digest, _chunk_tokens(models))
    return cutter.chunks(articles, first.count_tokens)


def _chunk_tokens(models: Sequence[CompiledModel]) -> int:
    """Return how many tokens a chunk may have.

    All spaces hold the same chunks, so that an answer is the same passage in each.
    """
    return min(MAX_CHUNK_TOKENS, *(model.encoder.max_tokens for model in models))


def calibrate(indexed: Indexed) -> list[Calibration]:
    """Let the corpus describe itself in each of its vector spaces."""
    index = indexed.index
    owners = np.repeat(np.arange(len(index)), np.diff(index.chunk_starts)).tolist()
    probes = choose_probes(indexed.chunks, owners)
    texts = [probe.text for probe in probes]
    terms = [analyze(text) for text in texts]
    calibrations, folds = [], indexed.folds()
    with one_blas_thread():
        for number, space in enumerate(index.spaces):
            encoded = space.encoder.encode_tokens(texts, "query")
            asked = list(zip(encoded, terms, strict=True))
            measured = fit_calibration(index, number, probes, asked)
            own = _asked_questions(indexed, number)
            calibrations.append(fit_own_questions(folds, measured, own))
    return calibrations


def _asked_questions(indexed: Indexed, space: int) -> list[OwnQuestion]:
    """Return own questions, drawn by lot, as they are asked in a space.

    Only those that people would ask there: a question in another language is confident of
    nothing in an English space, and would make every refusal there look wrong.
    """
    index, stated = indexed.index, indexed.own_questions()
    is_english = [detect_language(text) == DEFAULT_LANGUAGE for _, _, text in stated]
    belongs = [english == (space == 0) for english in is_english]
    if len(index.spaces) == 1 and sum(belongs) < FEWEST_PROBES:
        belongs = [True] * len(stated)
    stated = [one for one, is_asked in zip(stated, belongs, strict=True) if is_asked]
    chosen = sorted(stated, key=lambda one: draw(one[-1]))[:MOST_OWN_QUESTIONS]
    read = [read_question(index, text, space=space) for _, _, text in chosen]
    questions = encode_questions(index, read, remember=True)
    return [
        OwnQuestion(article, row, question)
        for (article, row, _), question in zip(chosen, questions, strict=True)
    ]


def _space(
    embed: Embedder,
    articles: Sequence[Article],
    chunks: Sequence[Chunk],
    chunk_texts: list[str],
    is_projected: bool,
) -> SpaceContents:
    """Encode all texts of the articles and learn how questions lie to passages.

    English titles do not show how questions in other languages lie to English text, and
    applying their projection to those made answers worse: the second space has none.
    """
    stated = [question for article in articles for question in article.front_matter.questions]
    texts, titles = embed("passage", chunk_texts, [article.title for article in articles])
    # People ask like these, so both are encoded alike.
    (asked,) = embed("query", stated)
    encoder = embed.model.encoder
    vectors, questions, headings = (
        _stacked(group, encoder.dim) for group in (texts, asked, titles)
    )
    return SpaceContents(
        encoder_folder=embed.model.folder,
        encoder=encoder.description,
        chunks=vectors,
        questions=questions,
        titles=headings,
        tokens=TokenIndex.build(texts, encoder.token_dim),
        asked_tokens=TokenIndex.build(asked, encoder.token_dim),
        projection=_projection(articles, chunks, headings, questions, vectors)
        if is_projected
        else np.eye(encoder.dim, dtype=np.float32),
    )


def _projection(
    articles: Sequence[Article],
    chunks: Sequence[Chunk],
    titles: Embeddings,
    questions: Embeddings,
    passages: Embeddings,
) -> Embeddings:
    """Learn from each title, and each question, with every passage of its article."""
    rows = {article.id: row for row, article in enumerate(articles)}
    owners = [rows[chunk.article_id] for chunk in chunks]
    counts = np.bincount(np.array(owners, dtype=np.int64), minlength=len(articles))
    sums = np.zeros((len(articles), passages.shape[1]))
    filled = np.flatnonzero(counts)
    if len(filled):
        # Chunks stand in the order of their articles, so those of an article are one run.
        first = (np.cumsum(counts) - counts)[filled]
        sums[filled] = np.add.reduceat(passages, first, axis=0, dtype=np.float64)
    stated = [len(article.front_matter.questions) for article in articles]
    askers = np.concatenate([np.arange(len(articles)), np.repeat(np.arange(len(articles)), stated)])
    return fit_projection(np.concatenate([titles, questions]), sums[askers], counts[askers])


def _stacked(texts: Sequence[PackedText], dim: int) -> Embeddings:
    """Return the texts' vectors: float32, shape (texts, dim)."""
    return np.array([text.vector for text in texts], dtype=np.float32).reshape(len(texts), dim)


def _article_texts(
    articles: Sequence[Article],
    chunks: Sequence[Chunk],
    held_out: Container[int] = (),
) -> list[str]:
    """Return what BM25 sees of each article: title, questions, symptoms, headings and text.

    Own questions may be held out by their rows.
    """
    texts: dict[str, list[str]] = {a.id: [a.title, a.front_matter.summary] for a in articles}
    row = 0
    for article in articles:
        stated = article.front_matter.questions
        kept = [text for place, text in enumerate(stated, row) if place not in held_out]
        texts[article.id] += [*kept, *article.front_matter.symptoms]
        row += len(stated)
    for chunk in chunks:
        texts[chunk.article_id] += [*chunk.heading_path[1:], chunk.text]
    return ["\n".join(parts) for parts in texts.values()]
