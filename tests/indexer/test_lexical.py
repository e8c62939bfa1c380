"""BM25 over hand-made texts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from math import log

import bm25s
import numpy as np
import pytest

from indexer.lexical import K1, B, LexicalIndex, analyze

TEXTS = ["red fox jumps", "red red bear", "blue whale swims slowly today alone"]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", []),
        ("!?, -- ...", []),
        ("the and of", []),
        ("Locked ACCOUNTS", ["lock", "account"]),
        ("Fehler LR-4031!", ["fehler", "lr-4031", "lr", "4031"]),
        ("read user_name now", ["read", "user_nam", "user", "name", "now"]),
        ("登录失败", ["登录", "录失", "失败"]),
        ("登", ["登"]),
        ("重置MFA设备", ["重置", "mfa", "设备"]),
        ("登 录", ["登", "录"]),
        ("𠮷野家で人々", ["𠮷野", "野家", "家で", "で人", "人々"]),
        ("ﾛｸﾞｲﾝ", ["ログ", "グイ", "イン"]),
        ("ユーザー・アカウント", ["ユー", "ーザ", "ザー", "アカ", "カウ", "ウン", "ント"]),
        ("ＭＦＡの設定", ["mfa", "の設", "設定"]),
        ("계정이 잠김", ["계정", "정이", "잠김"]),
        ("ปิดบัญชี", ["ปิ", "ิด", "ดบ", "บั", "ัญ", "ญช", "ชี"]),
        ("មិនអាច", ["មិ", "ិន", "នអ", "អា", "ាច"]),
        ("ﬁle", ["file"]),
        ("plan B has 2 steps", ["plan", "has", "step"]),
        ("user's x-ray", ["user", "x-ray", "ray"]),
        ("zürich Überblick", ["zürich", "überblick"]),
    ],
)
def test_analyze_gives_terms(text, terms):
    """Words are stemmed, codes stay whole beside their parts, Chinese gives character pairs."""
    assert analyze(text) == terms


@pytest.mark.parametrize(
    ("language", "text", "terms"),
    [
        ("de", "Die Konten sind gesperrt", ["kont", "gesperrt"]),
        ("de-AT", "das gesperrte Konto", ["gesperrt", "konto"]),
        ("de", "E-Mail-Adressen", ["e-mail-adress", "mail", "adress"]),
        ("es", "No puedo iniciar las sesiones", ["pued", "inici", "sesion"]),
        ("fr", "Je n'accède pas à l'outil", ["acced", "outil"]),
        ("it", "gli utenti non accedono", ["utent", "acced"]),
        ("pt", "as contas bloqueadas", ["cont", "bloqu"]),
        ("nl", "de geblokkeerde rekeningen", ["blokkeer", "rekeen"]),
        ("pl", "zablokowane konta", ["zablokowan", "kont"]),
        ("ru", "Не могу войти в систему", ["мог", "войт", "сист"]),
        ("tr", "hesaplar", ["hesap"]),
        ("hi", "कोड नहीं", ["कोड", "नह"]),
        ("vi", "không đăng nhập", ["không", "đăng", "nhập"]),
        ("zh", "打不开 the accounts", ["打不", "不开", "account"]),
        ("xx", "the locked accounts", ["lock", "account"]),
    ],
)
def test_analyze_follows_the_rules_of_a_language(language, text, terms):
    """Words are stemmed and stop words left out as in their language, else as in English."""
    assert analyze(text, language) == terms


@pytest.mark.parametrize("language", ["de", "es", "fr", "ru", "tr", "zh"])
@pytest.mark.parametrize("code", ["LR-4031", "user_names", "errors.log", "ops@hosts", "v1.2"])
def test_analyze_gives_a_code_the_same_terms_in_every_language(language, code):
    """A code in a question of any language is found in an English article."""
    assert analyze(code, language) == analyze(code)


def test_build_analyzes_each_text_in_its_own_language():
    """Inflected words meet within a language, and a code meets across languages."""
    index = LexicalIndex.build(
        ["Konten entsperren LR-4031", "unlock accounts LR-4031"], ["de", "en"]
    )
    assert index.scores(analyze("Konto", "de")).tolist() == [0.0, 0.0]
    assert index.scores(analyze("Konten entsperrt", "de"))[1] == 0.0
    assert index.scores(analyze("Konten entsperrt", "de"))[0] > 0.0
    assert index.scores(analyze("der Code LR-4031", "de")).min() > 0.0
    with pytest.raises(ValueError, match="shorter"):
        LexicalIndex.build(["one", "two"], ["en"])


@pytest.mark.parametrize(
    ("code", "terms"),
    [
        ("LR-4031", ["lr-4031", "lr", "4031"]),
        ("user_id", ["user_id", "user", "id"]),
        ("a/b.c", ["a/b.c"]),
        ("10.0.0.1", ["10.0.0.1", "10"]),
        ("ops@desk", ["ops@desk", "op", "desk"]),
        ("v1.2", ["v1.2", "v1"]),
    ],
)
def test_analyze_keeps_a_code_whole(code, terms):
    """A code is one term beside its parts of two letters or more, so it outweighs a part."""
    assert analyze(f"see {code} now") == ["see", *terms, "now"]
    texts = [f"{code} here", re.sub("[-_/.@]", " ", code) + " here"]
    scores = LexicalIndex.build(texts).scores(analyze(code))
    assert scores[0] > scores[1]


def test_scores_are_bm25_by_hand():
    """Scores equal BM25 in Lucene's variant with k1 1.2 and b 0.75, written out."""
    lengths = [3, 3, 6]
    mean = sum(lengths) / 3

    def part(count: int, length: int, having: int) -> float:
        idf = log(1 + (3 - having + 0.5) / (having + 0.5))
        return idf * count / (count + 1.2 * (1 - 0.75 + 0.75 * length / mean))

    index = LexicalIndex.build(TEXTS)
    np.testing.assert_allclose(
        index.scores(["red"]), [part(1, 3, 2), part(2, 3, 2), 0.0], rtol=1e-5
    )
    np.testing.assert_allclose(
        index.scores(["red", "fox", "nowher"]),
        [part(1, 3, 2) + part(1, 3, 1), part(2, 3, 2), 0.0],
        rtol=1e-5,
    )
    np.testing.assert_allclose(index.scores(["whale"]), [0.0, 0.0, part(1, 6, 1)], rtol=1e-5)


def test_scores_of_pairs_are_bm25_by_hand():
    """Pairs add BM25 over neighbouring terms, whose lengths are those of the pairs."""
    lengths = [2, 2, 5]
    mean = sum(lengths) / 3

    def part(count: int, length: int, having: int) -> float:
        idf = log(1 + (3 - having + 0.5) / (having + 0.5))
        return idf * count / (count + 1.2 * (1 - 0.75 + 0.75 * length / mean))

    index = LexicalIndex.build(TEXTS)
    for terms, pairs in (
        (["red", "fox"], [part(1, 2, 1), 0.0, 0.0]),
        (["red", "red"], [0.0, part(1, 2, 1), 0.0]),
        (["red", "fox", "jump"], [2 * part(1, 2, 1), 0.0, 0.0]),
        (["blue", "whale", "red", "bear"], [0.0, part(1, 2, 1), part(1, 5, 1)]),
        (["fox", "red"], [0.0, 0.0, 0.0]),
        (["red"], [0.0, 0.0, 0.0]),
    ):
        alone = index.scores(terms)
        for weight in (0.5, 2.0):
            expected = alone + weight * np.array(pairs)
            np.testing.assert_allclose(index.scores(terms, weight), expected, rtol=1e-5)


def test_words_in_their_order_beat_the_same_words_apart():
    """Neighbouring words, in this order, weigh more than both somewhere; without weight not."""
    texts = ["task lease ended early", "lease ended early task", "task ended early lease"]
    index = LexicalIndex.build(texts)
    asked = analyze("task lease")
    assert len(set(index.scores(asked).tolist())) == 1
    first, second, third = index.scores(asked, 0.5).tolist()
    assert first > second == third == index.scores(asked)[1]


def test_words_around_an_unknown_one_are_no_neighbours():
    """A term that no text has does not let the terms around it stand next to each other."""
    index = LexicalIndex.build(["task lease ended", "lease of a task"])
    known = index.scores(analyze("task lease"))
    assert known.min() > 0.0
    assert index.scores(analyze("task zebra lease"), 0.5).tolist() == known.tolist()
    assert index.scores(analyze("task lease zebra"), 0.5)[0] > known[0]
    assert index.scores(["zebra", "okapi"], 0.5).tolist() == [0.0, 0.0]


def test_texts_of_one_term_have_no_pairs(tmp_path):
    """Where no text has two terms, pairs add nothing, also after saving."""
    index = LexicalIndex.build(["task", "lease", ""])
    index.save(tmp_path / "lexical")
    for one in (index, LexicalIndex.load(tmp_path / "lexical")):
        scores = one.scores(analyze("task lease"), 0.5)
        assert scores.tolist() == index.scores(analyze("task lease")).tolist()
        assert scores[0] == scores[1] > scores[2] == 0.0


def test_pairs_meet_across_words_that_are_left_out():
    """Stop words and lone letters between two terms do not keep them apart."""
    index = LexicalIndex.build(["lease of a task", "lease now; then my other task"])
    asked = analyze("the lease of the task")
    gained = index.scores(asked, 1.0) - index.scores(asked)
    assert gained[0] > 0.0
    assert gained[1] == 0.0


def test_knows_tells_of_a_word_in_any_form():
    """An English word is known in each of its forms; nothing is known to an empty index."""
    index = LexicalIndex.build(["locked accounts LR-4031"])
    found = [index.knows(word) for word in ("locking", "account", "lr-4031", "zebra", "the")]
    assert found == [True, True, True, False, False]
    assert not LexicalIndex.build([""]).knows("locked")


@pytest.mark.parametrize("texts", [[], ["", "..."], ["the", "and"]])
def test_scores_of_texts_without_terms_are_zero(texts, tmp_path):
    """An index without a single term scores 0 everywhere, also after saving."""
    index = LexicalIndex.build(texts)
    index.save(tmp_path / "lexical")
    for one in (index, LexicalIndex.load(tmp_path / "lexical")):
        assert one.scores(["red"]).tolist() == [0.0] * len(texts)
        assert one.scores([]).tolist() == [0.0] * len(texts)
        assert one.scores(["red", "fox"], 0.5).tolist() == [0.0] * len(texts)


def test_scores_of_unknown_terms_are_zero():
    """Terms that no text has add nothing."""
    assert LexicalIndex.build(TEXTS).scores(["zebra"]).tolist() == [0.0, 0.0, 0.0]


def test_a_text_without_terms_never_scores():
    """An empty text among others scores 0 and shifts no row."""
    scores = LexicalIndex.build(["", "red fox", "..."]).scores(["red"])
    assert scores[0] == scores[2] == 0.0
    assert scores[1] > 0.0


def test_load_scores_like_what_was_saved(tmp_path):
    """An index that was saved and loaded gives the same scores, to the last bit."""
    index = LexicalIndex.build(TEXTS)
    index.save(tmp_path / "lexical")
    loaded = LexicalIndex.load(tmp_path / "lexical")
    for terms in (["red"], ["fox", "whale", "red"], ["blue", "blue"]):
        assert loaded.scores(terms).tolist() == index.scores(terms).tolist()
    for terms in (["red", "fox"], ["red", "red", "bear"], ["whale", "blue"], ["red", "owl"]):
        assert loaded.scores(terms, 0.5).tolist() == index.scores(terms, 0.5).tolist()
    assert loaded.scores(["red", "fox"], 0.5)[0] > loaded.scores(["red", "fox"])[0]


def test_save_is_the_same_bytes_in_every_process(tmp_path):
    """The same texts give the same files, whatever the process's hash seed is."""
    program = (
        "import sys; from pathlib import Path; from indexer.lexical import LexicalIndex; "
        f"LexicalIndex.build({TEXTS!r}).save(Path(sys.argv[1]))"
    )
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / seed)],
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
        )
    files, others = (
        sorted(
            path.relative_to(tmp_path / seed).as_posix()
            for path in (tmp_path / seed).rglob("*")
            if path.is_file()
        )
        for seed in ("1", "2")
    )
    # A count and five files of BM25; of the pairs five files, their keys and a count.
    assert len(files) == 6 + 7
    assert files == others
    for name in files:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_analyze_is_the_same_in_many_threads():
    """Threads do not disturb each other's stems."""
    text = "running runners ran quickly LR-4031 登录失败 " * 50
    languages = ["en", "de", "fr", "ru"] * 16
    expected = {language: analyze(text, language) for language in languages}
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(analyze, [text] * 64, languages))
    assert found == [expected[language] for language in languages]


def test_index_is_that_of_the_library_to_the_last_bit(sop_snapshot):
    """Scores counted for all texts at once are those that the library counts one by one."""
    texts = [analyze(chunk.text) for chunk in sop_snapshot.chunks]
    numbers = {term: n for n, term in enumerate(sorted({t for text in texts for t in text}))}
    numbered = [[numbers[term] for term in text] for text in [*texts, []]]
    slow = bm25s.BM25(k1=K1, b=B, method="lucene", csc_backend="numpy")
    slow.index((numbered, numbers), create_empty_token=False, show_progress=False)
    fast = LexicalIndex.of_terms([*texts, []])
    for name in ("data", "indices", "indptr"):
        expected, found = slow.scores[name], fast._terms.scores[name]
        assert found.dtype == expected.dtype
        assert found.tobytes() == expected.tobytes(), name
    asked = analyze("the second factor of a new phone")
    known = [numbers[term] for term in asked if term in numbers]
    assert fast.scores(asked).tobytes() == slow.get_scores_from_ids(known).tobytes()
