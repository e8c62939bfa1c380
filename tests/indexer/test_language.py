"""Which language a question is in, and that English is never taken for another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from indexer.corpus import read_corpus
from indexer.language import detect_language

SOP = Path(__file__).parents[2] / "sop"

QUESTIONS = {
    "ar": "لا أستطيع تسجيل الدخول إلى حسابي",
    "de": "Ich kann mich seit heute Morgen nicht mehr anmelden",
    "el": "Δεν μπορώ να συνδεθώ στον λογαριασμό μου",
    "es": "No puedo iniciar sesión con mi teléfono nuevo",
    "fr": "Je n'arrive plus à me connecter à mon compte",
    "he": "אני לא מצליח להתחבר לחשבון שלי",
    "hi": "मैं अपने खाते में लॉग इन नहीं कर पा रहा हूँ",
    "it": "Non riesco ad accedere al mio account",
    "ja": "新しい端末でアカウントにログインできません",
    "ko": "새 휴대폰으로 계정에 로그인할 수 없습니다",
    "nl": "Ik kan niet meer inloggen op mijn account",
    "pl": "Nie mogę się zalogować na swoje konto",
    "pt": "Não consigo entrar na minha conta com o telefone novo",
    "ru": "Не могу войти в систему с нового телефона",
    "th": "ฉันเข้าสู่ระบบไม่ได้",
    "tr": "Yeni telefonumla hesabıma giriş yapamıyorum",
    "uk": "Не можу увійти до системи, пишіть будь ласка швидше",
    "vi": "Tôi không thể đăng nhập vào tài khoản của mình",
    "zh": "我今天早上无法登录系统",
}


@pytest.mark.parametrize("language", QUESTIONS)
def test_detect_language_knows_a_question_in(language):
    """A whole question in a language of the team is recognised."""
    assert detect_language(QUESTIONS[language]) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n ",
        "!? 123",
        "\ud800",
        "reset",
        "hola",
        "Passwort",
        "LR-4031",
        "APAR(s) IV76788",
        "J2CA0024E",
        "i5/OS agent",
        "SELECT task_id FROM tasks WHERE state <> 'done'",
        "https://beispiel.example/anmeldung/fehlgeschlagen?konto=gesperrt",
        "C:\\Benutzer\\Anmeldung\\fehlgeschlagen.log",
        "How do I translate 登录失败 in the tool?",
        "What does the error 'Zugriff verweigert' mean in the export tool?",
        "no code arrives",
    ],
)
def test_detect_language_says_english_when_in_doubt(text):
    """Nothing, single words, codes, addresses and English with foreign words are English."""
    assert detect_language(text) == "en"


def test_detect_language_takes_what_the_articles_say_for_english():
    """No title, summary, English question or symptom of our own articles is anything else."""
    texts = []
    for article in read_corpus(SOP).articles:
        stated = article.front_matter
        texts += [article.title, stated.summary, *stated.questions[:5], *stated.symptoms]
    assert len(texts) > 80
    assert [text for text in texts if detect_language(text) != "en"] == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Support Console 打不开怎么办", "zh"),
        ("重置MFA设备", "zh"),
        ("不能", "zh"),
        ("ﾛｸﾞｲﾝできない", "ja"),
        ("ログイン失敗", "ja"),
        ("MFA 기기를 재설정하고 싶어요", "ko"),
        ("መለያዬ ተቆልፏል", "am"),
        ("Konto gesperrt, Code LR-4031, siehe https://x.example/a?b=c", "de"),
    ],
)
def test_detect_language_sees_through_codes_and_half_width_letters(text, language):
    """A few letters of another script decide, where product names and codes stand beside them."""
    assert detect_language(text) == language


def test_detect_language_reads_the_beginning_of_a_long_text():
    """What stands after the first 4,000 characters decides nothing."""
    german = f"{QUESTIONS['de']}. " * 100
    assert detect_language(german + "the tool is down and nobody answers " * 500) == "de"


def test_detect_language_is_the_same_in_many_threads():
    """Threads do not disturb each other."""
    texts = list(QUESTIONS.values()) * 40
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(detect_language, texts)) == list(QUESTIONS) * 40
