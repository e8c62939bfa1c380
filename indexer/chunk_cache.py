"""Articles already cut into chunks on this machine.

Cutting an article takes longer than anything else about it that is not embedded, and
depends on nothing but its text, the encoder's tokenizer and the code that cuts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

from indexer import anchors, chunking, markdown
from indexer.article import Article
from indexer.cache import Cache
from indexer.chunking import Chunk, TokenCounter, chunk_article

_CODE = (chunking, markdown, anchors)


class ChunkCache:
    """Chunks of articles, for one encoder and limit; see `Cache`."""

    def __init__(self, folder: Path, encoder_digest: str, max_tokens: int) -> None:
        """Use the cache in a folder.

        Args:
            folder: where caches lie; created if need be.
            encoder_digest: what names the encoder whose tokens are counted.
            max_tokens: of a chunk.
        """
        self._cache = Cache(folder / "chunks.sqlite")
        self._max_tokens = max_tokens
        code = b"".join(Path(str(module.__file__)).read_bytes() for module in _CODE)
        self._made_by = [encoder_digest, max_tokens, hashlib.sha256(code).hexdigest()]

    def chunks(self, articles: Sequence[Article], count_tokens: TokenCounter) -> list[Chunk]:
        """Return the chunks of all articles, in order; what is not known is cut and remembered.

        Args:
            articles: what to cut.
            count_tokens: the encoder's own counter.
        """
        keys = [self._key(article) for article in articles]
        found = self._cache.find(keys)
        chunks, made = [], []
        for article, key, raw in zip(articles, keys, found, strict=True):
            known = None if raw is None else _from_bytes(raw)
            if known is None:
                known = chunk_article(article, count_tokens, self._max_tokens)
                made.append((key, _to_bytes(known)))
            chunks += known
        if made:
            self._cache.store(made)
        self._cache.touch(keys)
        return chunks

    def _key(self, article: Article) -> bytes:
        parts = [*self._made_by, article.id, article.title, article.body_line, article.body]
        return hashlib.sha256(json.dumps(parts).encode()).digest()


def _to_bytes(chunks: Sequence[Chunk]) -> bytes:
    return json.dumps([astuple(chunk) for chunk in chunks]).encode()


def _from_bytes(raw: bytes) -> list[Chunk] | None:
    """Return the chunks that `_to_bytes` wrote; None for anything else."""
    try:
        rows = [(row[0], row[1], tuple(row[2]), *row[3:]) for row in json.loads(raw)]
        return [Chunk(*row) for row in rows]
    except (ValueError, TypeError, IndexError):
        return None
