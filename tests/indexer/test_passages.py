"""The sentences of an article, with their lines."""

from __future__ import annotations

from indexer.passages import Sentence, read_sentences

BODY = """\
# A title of four words

Open the user card now. Then end every session:
it takes a minute.

```sh
this is code and no sentence
```

## Escalate

Post in the channel at once.

## Next

- Choose `Account > Unlock` and [write why](x.md) you did.
- Two words.

| A table has | no sentences at all |
| --- | --- |
| in it | because rows are short |
"""


def test_sentences_have_their_lines_and_headings():
    """Each sentence of four words or more has the line it stands on, and is plain text."""
    assert read_sentences(BODY, 11, frozenset({"escalate"})) == [
        Sentence(13, 1, "Open the user card now.", 5),
        Sentence(13, 1, "Then end every session:", 4),
        Sentence(14, 1, "it takes a minute.", 4),
        Sentence(26, 3, "Choose Account > Unlock and write why you did.", 9),
    ]


def test_sentences_of_scripts_without_spaces_are_cut_and_counted():
    """Chinese sentences end without a space, and two characters count as a word."""
    found = read_sentences("请先打开用户卡片。然后结束所有会话!\n", 1, frozenset())
    assert [(one.text, one.words) for one in found] == [
        ("请先打开用户卡片。", 4),
        ("然后结束所有会话!", 4),
    ]


def test_placeholders_are_read_without_their_braces():
    """A placeholder is a word like any other."""
    (found,) = read_sentences("Find {{user_id}} in the list.\n", 1, frozenset())
    assert found.text == "Find user_id in the list."
