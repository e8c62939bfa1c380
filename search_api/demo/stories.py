"""What happens in the month beside the everyday: texts over the invented platform of `sop/`.

Gaps are what people ask again and again and no article of the library answers. The
malfunction is one fault that many notice within two hours. Noise is what somebody always
asks the wrong desk.
"""

from __future__ import annotations

from collections.abc import Mapping

Texts = Mapping[str, tuple[str, ...]]

GAPS: Mapping[str, Texts] = {
    "review on a tablet": {
        "en": (
            "can I work on review tasks on my tablet or does it have to be the office computer",
            "is there a mobile version of Lantern Review for the tablet",
            "want to review from an ipad at home, is that allowed and where do i get it",
            "Lantern Review on a phone, is there an app",
            "tablet instead of a desk computer for reviewing, does that work",
            "which tablets are supported for Lantern Review",
            "my back hurts, can i sit on the sofa and review on a tablet",
            "the review console looks squeezed on my tablet, is there a version for it",
        ),
        "es": (
            "¿puedo revisar tareas en una tableta o solo en el ordenador de la oficina?",
            "¿hay una aplicación de Lantern Review para el móvil?",
        ),
        "zh": ("可以用平板电脑审核任务吗", "有没有手机版的 Lantern Review"),
        "de": (
            "kann ich Aufgaben auch auf dem Tablet bearbeiten",
            "gibt es die Prüfkonsole als App",
        ),
        "pt": ("dá para revisar as tarefas no tablet ou só no computador do escritório",),
        "ja": ("タブレットでレビューの作業はできますか",),
    },
    "duty roster in the calendar": {
        "en": (
            "how do I get the duty roster into my outlook calendar",
            "is there a calendar link for the lead on duty roster",
            "subscribe to the duty times from my phone calendar",
            "ics feed for duty times, where",
            "want my duty hours in google calendar so i dont miss them",
            "missed my duty because it is not in my calendar, can it be sent as an invite",
            "export leads on duty as a calendar file",
        ),
        "es": ("¿cómo paso mis turnos de guardia a mi calendario?",),
        "de": ("wie bekomme ich den Dienstplan in meinen Kalender",),
        "zh": ("怎么把值班表同步到我的日历",),
        "ja": ("当番表をカレンダーに取り込む方法はありますか",),
        "pt": ("como coloco a escala de plantão no meu calendário",),
    },
    "language of the menus": {
        "en": (
            "can I switch the menus of Queue Board to Spanish",
            "menus and buttons are in english only, i want portuguese",
            "where do i set the language of the buttons and menus",
            "user interface in German possible?",
            "the tools greet me in english, how do i change the display language",
            "change the display language of Support Console to japanese",
        ),
        "es": (
            "¿dónde cambio el idioma de los menús?",
            "los botones están en inglés, ¿se pueden poner en español?",
        ),
        "pt": ("onde mudo o idioma dos menus para português", "os botões estão todos em inglês"),
        "de": ("wo stelle ich die Sprache der Menüs um", "Oberfläche auf Deutsch umstellen"),
        "zh": ("菜单能不能换成中文", "在哪里设置界面语言"),
        "ja": ("メニューの表示言語を日本語にしたい",),
    },
    "guest account for an auditor": {
        "en": (
            "external auditor comes on monday and needs a guest account to look at queue-health",
            "how do we give a visitor read only access for one day",
            "guest login for an auditor, who creates it",
            "auditors are in the house, can they get a read-only account without a work name",
            "temporary account for an external visitor who may only look",
            "visitor from headquarters wants to see the boards, is there a guest account",
        ),
        "de": ("ein externer Prüfer braucht für einen Tag einen Gastzugang",),
        "es": ("el auditor externo necesita una cuenta de invitado por un día",),
        "zh": ("外部审计员需要一个访客账号",),
    },
}

MALFUNCTION: Texts = {
    "en": (
        "decide button does nothing in Lantern Review, task stays on the screen",
        "i press decide and nothing happens, the task just stays",
        "cannot submit decisions in Lantern Review since a few minutes",
        "Lantern Review does not take my decision, button stays grey",
        "decisions are not saved, same for the whole team",
        "whole team in comments-std cannot press decide",
        "button decide spins and then nothing",
        "nobody here can close a task, decide button is dead",
        "decide is greyed out for everyone in our row",
        "after the update the decide button does not react any more",
        "is Lantern Review broken? no decision goes through",
        "my decisions do not go through, reloaded three times",
    ),
    "es": (
        "el botón de decidir no hace nada en Lantern Review",
        "nadie del equipo puede enviar decisiones desde hace un rato",
    ),
    "de": (
        "der Knopf zum Entscheiden reagiert nicht, Lantern Review hängt",
        "keiner im Team kann eine Entscheidung abschicken",
    ),
    "zh": ("Lantern Review 点决定按钮没反应", "整个组都提交不了决定"),
    "pt": ("o botão de decidir não faz nada, ninguém consegue enviar",),
    "ja": ("決定ボタンを押しても反応しません",),
}

NOISE: Texts = {
    "en": (
        "what is for lunch in the canteen today",
        "the printer on the second floor has no paper",
        "where do I park my bike",
        "who won the table football tournament",
        "is the office closed on the holiday next week",
        "lost a blue umbrella in the meeting room",
        "my payslip of last month is wrong",
        "can somebody turn down the air conditioning",
        "how do I book a meeting room for twelve people",
        "which form do i need for parental leave",
    ),
    "es": ("¿a qué hora cierra la cafetería?", "la impresora no tiene papel"),
    "de": ("wer hat den Schlüssel für den Fahrradkeller", "der Drucker hat kein Papier"),
    "zh": ("食堂今天吃什么", "打印机没纸了"),
    "pt": ("a impressora do segundo andar está sem papel",),
    "ja": ("プリンターの用紙がありません",),
}

# Beside a rejection, in the words of whoever rejected.
COMMENTS: Mapping[str, tuple[str, ...]] = {
    "outdated": (
        "step 3 shows another menu now",
        "the button has a new name",
        "this screen looks different since the last release",
    ),
    "related_not_answered": (
        "right topic, but not this case",
        "says what it is, not what to do",
        "only covers one region",
    ),
    "not_related": ("something else entirely", "wrong tool"),
    "gap": ("asked again, we have nothing on this", "no article", "third time this week"),
}
