"""What people write around a problem, in eight languages: the tables of the ticket steps.

Every pattern is compiled with `re.IGNORECASE` and used on one line or one sentence of
limited length, so none of them can be slow. To teach another language, add its words here.
"""

from __future__ import annotations

import re

# Longer lines are prose, not a greeting, a closing or the head of a quoted mail.
MAX_PHRASE_CHARS = 200


def _any(*alternatives: str) -> str:
    return "(?:" + "|".join(alternatives) + ")"


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_HELLO = _any(
    r"hi+",
    r"he+y+(?: hey+)?",
    r"hell+o+(?: hello)?",
    r"hiya",
    r"dear",
    r"greetings(?: of the day)?",
    r"(?:good )?(?:morning|afternoon|evening)",
    r"good day",
    r"to whom it may concern",
    r"happy \w+day",
    r"hall?o",
    r"guten (?:tag|morgen|abend)",
    r"liebe[rs]?",
    r"sehr geehrte[rs]?",
    r"moin",
    r"servus",
    r"morgen",
    r"hola",
    r"buen(?:os|as)(?: d[ií]as| tardes| noches)?",
    r"estimad[oa]s?",
    r"querid[oa]s?",
    r"ol[áa]",
    r"oi",
    r"bom dia",
    r"boa (?:tarde|noite)",
    r"prezad[oa]s?",
    r"car[oa]s?",
    r"bonjour",
    r"bonsoir",
    r"salut",
    r"ch[eè]re?s?",
    r"madame",
    r"monsieur",
    r"mesdames",
    r"ciao",
    r"buongiorno",
    r"gentile",
    r"hei",
    r"hej",
    r"god dag",
)
_HELLO_CJK = _any(
    "大家好",
    "(?:各位|老师)?[你您]好",
    "早上好",
    "下午好",
    "尊敬的.{0,12}",
    "各位.{0,6}",
    "(?:いつも)?お世話になっております",
    "お疲れ様です",
    "こんにちは",
    "皆様",
    "拝啓",
)
_ADDRESSED = _any(
    "all",
    "team",
    "there",
    "everyone",
    "everybody",
    "every body",
    "folks",
    "guys",
    "both",
    "sir",
    "madam",
    "or",
    "and",
    "friends",
    "colleagues?",
    "support",
    "ops",
    "helpdesk",
    "help desk",
    "service desk",
    "it",
    "user",
    "operations",
    "crew",
    "mate",
    "again",
    "dear",
    "lovely",
    "you",
    "people",
    "the",
    "of",
    "to",
    "in",
    "my",
    "hello",
    "hi",
    "ladies",
    "gentlemen",
    "greetings",
    "welcome",
    "zusammen",
    "liebe",
    "kolleg(?:en|innen)",
    "und",
    "damen",
    "herren",
    "team",
    "equipo",
    "a",
    "todos",
    "todas",
    "se[nñ]or(?:es|a)?",
    "equipe",
    "tod[oa]s",
    "à",
    "tous",
    "toutes",
    "l'équipe",
    "messieurs",
    "tudo bem",
    "mr",
    "ms",
    "mrs",
    "dr",
    "herr",
    "frau",
    "early",
    "birds",
)
# "Hello dear support team," alone on its line, or before the first sentence.
GREETING = re.compile(
    rf"\W{{0,3}}(?:(?i:{_HELLO})\b(?:[ ]+(?:(?i:{_ADDRESSED})|[A-Z][\w'.-]{{0,24}})\b[.]?){{0,7}}"
    rf"|{_HELLO_CJK})(?P<end>\s*(?:[,!.:;，。！：、–—]|-(?=\s)|$)+)\s*"
)

# A closing after which only names, titles and addresses follow.
_FIRM_CLOSING = _any(
    r"(?:as |with |many |my |our |the |a |in |kind(?:est)? |(?:very )?best |warm(?:est)? |sincere "
    r"|sunny |all |good |so much |very much |in advance |thanks |thank you |& |and )*"
    r"(?:regards|(?<=\w )(?:greetings|wishes|the best))\b",
    r"greetings from\b",
    r"(?:\w{3,14}ly )?yours(?: (?:sincerely|faithfully|truly))?\b",
    r"sincerely\b",
    r"respectfully\b",
    r"(?:br|rgds|kr|xoxo)\b",
    r"(?:mit )?(?:die |viele[nr]? |liebe[nr]? |beste[nr]? |freundliche[nr]? |sch[öo]ne[nr]? "
    r"|herzliche[nr]? )+"
    r"gr(?:ü|ue?)(?:ß|ss)en?\b",
    r"gr(?:ü|ue?)(?:ß|ss)e?\b",
    r"(?:mfg|lg|vg)\b",
    r"vielen dank (?:im voraus )?und\b.{0,30}gr(?:ü|ue?)(?:ß|ss)e",
    r"danke (?:&|und) gru(?:ß|ss)",
    r"(?:un |cordiales )?saludos?\b",
    r"atentamente\b",
    r"cordialmente\b",
    r"un abrazo\b",
    r"atenciosamente\b",
    r"(?:melhores )?cumprimentos\b",
    r"abra[çc]os?\b",
    r"abs\b",
    r"att\b",
    r"(?:bien )?cordialement\b",
    r"bien [àa] vous\b",
    r"(?:sinc[eè]res |meilleures )?salutations\b",
    r"(?:cordiali |distinti )saluti\b",
    r"met vriendelijke groet(?:en)?\b",
    r"(?:med )?vennlig hilsen\b",
    r"mvh\b",
)
_CLOSING_CJK = _any(
    "此致",
    "敬礼",
    "祝好",
    "祝您.{0,8}",
    "顺祝商祺",
    "敬具",
    "(?:以上、)?(?:どうぞ)?(?:よろしく|宜しく)お願い.{0,8}",
    "以上",
)
# A closing only where a name or nothing follows; in front of more text it is just a phrase.
_LOOSE_CLOSING = _any(
    r"(?:many |so many |1000 )?(?:thanks?|thx|thanx|tks|ty)(?: you)?(?: (?:so"
    r"|very) much)?(?: again| a lot| a million"
    r"| in advance| for (?:your|any|the|looking).{0,30})?",
    r"thanking you",
    r"cheers(?: mate)?",
    r"best",
    r"ta",
    r"much appreciated",
    r"wishing you\b.{0,40}",
    r"looking forward\b.{0,40}",
    r"have a (?:\w+ ){1,3}(?:day|week|weekend|evening|time)\b.{0,20}",
    r"take care",
    r"(?:big )?hugs\b.{0,30}",
    r"(?:vielen |besten )?dank(?:e)?(?: im voraus| sch[öo]n)?",
    r"(?:muchas |mil )?gracias(?: de antemano)?",
    r"(?:muito )?obrigad[oa]",
    r"grat[oa]",
    r"merci(?: d'avance| bien)?",
    r"grazie(?: mille)?",
    r"谢谢",
    r"多谢",
    r"感谢",
    r"ありがとうございます",
)
FIRM_CLOSING = _compiled(rf"\W{{0,3}}(?:{_FIRM_CLOSING}[^?]{{0,60}}|{_CLOSING_CJK}\W{{0,3}})")
LOOSE_CLOSING = _compiled(rf"\W{{0,3}}{_LOOSE_CLOSING}(?: and)?\W{{0,6}}")
SIGNATURE_DELIMITER = re.compile(r"\s*(?:--|—|–|__)\s*")

# Whole sentences that say nothing about the problem.
_POLITE = _any(
    r"(?:i |we )?(?:really )?(?:hope|trust)\b.{0,40}\b(?:well|fine|safe|survived|yours|mind me"
    r"|good health|(?:nice|great|good|wonderful|lovely|restful) (?:day|week(?:end)?))\b.{0,80}",
    r"hope (?:it|this) helps",
    r"how are (?:you|things)\b.{0,30}",
    r"(?:please |kindly )?(?:do the needful|revert)\b.{0,30}",
    r"(?:many |so many )?(?:thanks?|thx|thank you)\b.{0,30}\b(?:advance|help|patience|support"
    r"|time|reading|again|much"
    r"|million|cooperation|lot|attention|everything|it)\b.{0,80}",
    r"(?:many )?(?:thanks?|thank you|thx)",
    r"(?:and )?have a (?:\w+ ){1,3}(?:day|week|weekend|evening)\b.{0,30}",
    r"sorry (?:in advance )?for the (?:long|late|trouble|delay|inconvenience|disturb)\w*.{0,30}",
    r"please (?:see|find|look|read)\b.{0,20}\b(?:below|attached|attachment|chain|end)\b.{0,20}",
    r"fyi",
    r"(?:fyi,? )?(?:please )?see (?:the )?(?:e-?mails? |chain )?below",
    r"i (?:remain|am) at your disposal\b.{0,40}",
    r"(?:kindly |please )?(?:kindly )?update(?: me)?",
    r"as discussed\b.{0,20}",
    r"please be informed that",
    r"that is all from me",
    r"regards",
    r"cheers",
    r"tudo bem",
    r"let me know\b.{0,30}",
    r"(?:i )?look(?:ing)? forward to\b.{0,40}",
    r"quick (?:question|q)",
    r"can (?:you|some(?:one|body)) (?:please )?help(?: me)?",
    r"please help(?: me)?",
    r"help(?: me)?(?: please)?",
    r"(?:vielen |besten )?dank(?:e)?\b.{0,20}",
    r"gracias",
    r"obrigad[oa]",
    r"merci(?: d'avance)?",
)
POLITE_SENTENCE = _compiled(_POLITE)
# Messages of a chat that only ask for an answer.
NUDGE = _compiled(
    r"\W*(?:"
    + _any(
        r"(?:is )?any ?(?:one|body) (?:there|awake|here)",
        r"any(?:one|body)?",
        r"any (?:updates?|news)(?: please| pls|"
        r" \w+)?",
        r"updates?(?: please| pls)?",
        r"bump",
        r"up",
        r"hell+o+",
        r"hi+",
        r"he+y+",
        r"ping",
        r"pls",
        r"plea+se?",
        r"ok(?:ay)?",
        r"yes(?: yes)?",
        r"no+",
        r"not that",
        r"thx",
        r"thanks?",
        r"omg",
        r"lol",
        r"ty",
        r"sir",
        r"human(?: pls)?",
        r"still (?:same|waiting|nothing)",
        r"same here",
        r"\d",
        r"quick q",
        r"pls a person",
        r"(?:an? )?(?:human|person|agent)"
        r"(?: pls| please)?",
        r"hola",
        r"reply",
        r"wait",
        r"really",
        r"algu[ií]en",
        r"alguma novidade",
        r"在吗",
        r"有人吗",
    )
    + r"\W*)"
)

# How a writer says that the next sentence is about something else.
ASIDE = _compiled(
    r"\W{0,3}(?:by the way|btw|on another note|(?:and )?(?:now )?something else|off[ -]topic"
    r"|unrelated|nebenbei"
    r"|por cierto|a prop[óo]sito|au fait|顺便|ちなみに)\b"
)

# The head of a quoted mail: one kind of field a group, in every language.
HEADER_FIELDS = {
    "from": _any(
        "from", "von", "de", "da", "van", "fra", "från", "发件人", "寄件者", "差出人", "送信者"
    ),
    "sent": _any(
        "sent",
        "date",
        "gesendet(?: am)?",
        "datum",
        "enviad[oa](?: el| em)?",
        "fecha",
        "data",
        "envoy[ée](?: le)?",
        "发送时间",
        "日期",
        "送信日時",
        "日時",
        "日付",
    ),
    "to": _any("to", "an", "para", "[àa]", "aan", "til", "till", "收件人", "宛先"),
    "cc": _any("cc", "bcc", "kopie", "抄送", "reply-to", "importance", "priority"),
    "subject": _any(
        "subject",
        "betreff",
        "asunto",
        "assunto",
        "objet",
        "oggetto",
        "onderwerp",
        "emne",
        "主题",
        "主旨",
        "件名",
    ),
}
MAIL_HEADER = _compiled(
    r"[\s*]*"
    + _any(*(f"(?P<{kind}>{names})" for kind, names in HEADER_FIELDS.items()))
    + r"[\s*]*[:：].*"
)
# A line that says: below stands an older mail.
MAIL_SEPARATOR = _compiled(
    r"\s*(?:begin forwarded message:|[-_]{2,}\s*"
    + _any(
        r"original message",
        r"forwarded message",
        r"forwarded by.{0,60}",
        r"urspr[üu]ngliche nachricht",
        r"originalnachricht",
        r"weitergeleitete nachricht",
        r"mensaje original",
        r"mensaje reenviado",
        r"mensagem original",
        r"mensagem encaminhada",
        r"message d'origine",
        r"message transf[ée]r[ée]",
        r"messaggio originale",
        r"原始邮件",
        r"转发的邮件",
        r"元のメッセージ",
        r"転送されたメッセージ",
        r"reply message",
        r"original appointment",
    )
    + r"\s*[-_]{2,})\s*"
)
RULER = re.compile(r"\s*[-_=*]{8,}\s*")
# "On Monday … wrote:"; checked against one to three lines joined.
ATTRIBUTION_START = _compiled(
    r"\s*(?:on|am|el|em|le|il|op|den|den|\d{4})\b|\s*\d{4}年|.*(?:写道|寫道|書きました)"
)
ATTRIBUTION = _compiled(
    r"\s*"
    + _any(
        r"on\b.{5,180}\bwrote",
        r"am\b.{5,120}\bschrieb\b.{0,80}",
        r"el\b.{5,180}\bescribi[óo]",
        r"em\b.{5,180}\bescreveu",
        r"le\b.{5,180}\ba [ée]crit",
        r"il\b.{5,180}\bha scritto",
        r"op\b.{5,120}\bschreef\b.{0,80}",
        r"den\b.{5,120}\bskrev\b.{0,80}",
        r".{5,180}(?:写道|寫道|さんは書きました)",
        r"\d{4}年\d{1,2}月\d{1,2}日.{0,120}",
        r"\d{4}-\d\d-\d\d \d\d:\d\d.{0,100}\[email\].{0,10}",
    )
    + r"\s*[:：]\s*"
)

# Subjects: what mail programs and ticket systems put in front.
SUBJECT_PREFIX = _compiled(
    r"\s*"
    + _any(
        r"(?:re|fwd?|aw|wg|antw|antwort|rv|res|enc|tr|sv|vs|vb|ynt|odp|rif)\s*(?:\[\d{1,3}\]"
        r"|\(\d{1,3}\))?\s*[:：]",
        r"(?:回复|答复|转发|回覆|轉寄|返信|転送)\s*[:：]",
        r"\[\s*(?:ext|extern|external|external sender|jira|support|servicedesk|helpdesk"
        r"|action required|urgent|spam\??"
        r"|bulk|(?:ticket|case|request)\b[^\]]{0,40}|#?(?:sup|inc|req|case|ritm"
        r"|chg)?-?#?\d{3,20})\s*\]",
        r"\((?:sup|inc|req|case)-?\d{3,20}\)",
        r"(?:ticket|case|request)\s?#?\s?\d{2,20}\s*[-:]",
        r"【(?:至急|緊急|重要)】",
    )
    + r"\s*[-–:]?\s*"
)
EMPTY_SUBJECT = _compiled(
    r"\W*(?:no subject|\(no subject\)|kein betreff|sin asunto|help(?: needed)?(?:, not urgent)?"
    r"|(?:quick )?question|"
    r"(?:chat|slack|teams|whatsapp|msgs|messages|support)\b(?: (?:transcript|burst|thread|chat"
    r"|export|widget|thread export)\b)?"
    r"(?: \d{4}-\d\d-\d\d)?|urgent|problem|issue|hello|hi|ticket|request)\W*"
)

REPLY_MARKER = _compiled(
    r"\W*(?:(?:\S{1,12} was updated\. )?(?:please )?(?:(?:type|write"
    r"|enter) (?:your )?)?reply above this line"
    r"|bitte antworten sie oberhalb dieser zeile|n[ãa]o responda abaixo desta linha"
    r"|(?:por favor,? )?responda por encima de esta l[ií]nea|r[ée]pondez au-dessus de cette ligne"
    r"|请在此行上方回复|この行より上に返信.{0,10})(?: to add a comment)?\W*"
)
_SYSTEM_FOOTER = _any(
    r"(?:your )?(?:ticket|request|case|incident|chamado|vorgang"
    r"|anfrage)\s?#?\S{0,20} (?:\S{1,12} ){0,3}"
    r"(?:created|received|updated|assigned|opened|closed|resolved|erstellt|criado|aktualisiert)\b[^?]{0,80}$",
    r"ticket \S{3,20} \| created",
    r"a new (?:request|ticket|incident) was opened",
    r"this ticket has been waiting\b",
    r"#?[a-z]{0,8}-?\d{1,20} was updated\b",
    r"your (?:request|e-?mail|message) (?:has been|was) received",
    r"you (?:are receiving|receive|are a watcher|received) (?:this|of|because)\b",
    r"this (?:is an? |e-?mail (?:is |was )|message (?:is |was )|report (?:is |was ))(?:automat"
    r"|generated|a service)",
    r"(?:please )?do not (?:answer|reply|remove)\b.{0,40}(?:message|mail|automatic|ticket)",
    r"replies are added to\b",
    r"delivered by\b",
    r"powered by\b",
    r"all rights reserved",
    r"manage your notification",
    r"to unsubscribe\b",
    r"unsubscribe\W*$",
    r"view (?:the|this|your) (?:ticket|request)",
    r"how (?:satisfied|did we|was your)\b",
    r"(?:please )?rate (?:us|this|our)\b",
    r"take our\b.{0,20}survey",
    r"(?:customer )?survey\s*:",
    r"you can follow your\b",
    r"to reopen (?:a|this|the)\b.{0,10}(?:ticket|request|case)\b",
    r"expected answer\s*:",
    r"popular articles\b",
    r"while you wait\b",
    r"thanks for your message\b",
    r"did you know (?:that|\?)",
    r"(?:diese|dies ist eine) (?:nachricht|e-?mail)\b.{0,20}automatisch",
    r"bewerten sie\b",
    r"ticketinformationen",
    r"bitte antworten sie nicht\b",
    r"acompanhe\b",
    r"este e-?mail foi enviado\b",
    r"(?:por favor,? )?n[ãa]o responda\b",
    r"pesquisa de satisfa[çc][ãa]o",
    r"encuesta de\b",
    r"este (?:correo|mensaje) (?:es|fue)\b.{0,20}autom[áa]tic",
    r"no responda a este\b",
    r"ce (?:message|courriel) (?:a [ée]t[ée]|est)\b.{0,20}automatique",
    r"ne pas r[ée]pondre\b",
    r"请勿(?:直接)?回复",
    r"此邮件(?:由系统|为系统)",
    r"このメールは(?:自動|システム)",
    r"返信しないで",
)
SYSTEM_FOOTER = _compiled(rf"\W{{0,6}}{_SYSTEM_FOOTER}")
# Fields of a ticket form that place it with its readers; two of them make it a form.
FORM_FIELD = _compiled(
    r"\W{0,4}(?:(?:priority|sla|category|assignee|assigned to|reporter|component|impact|urgency"
    r"|ticket(?:nummer| number| id)?|created(?: at| on)?|erstellt|kategorie|bearbeiter"
    r"|priorit[äa]t|prioridade?|categor[ií]a)\s*:"
    r"|(?:status|estado)\s*: ?(?:open|new|pending|closed|resolved|offen|neu|abiert[oa])\b)"
)
DEVICE_LINE = _compiled(
    r"\W*(?:sent (?:from|via|with) (?:my |the )?[\w .]{2,40}|get outlook for \w+"
    r"|von meinem \w+(?: \w+)? gesendet"
    r"|gesendet (?:von|mit) (?:meinem |der )?[\w .]{2,40}|envoy[ée] (?:de|depuis) mon [\w .]{2,30}"
    r"|enviado (?:desde mi|do meu|desde) [\w .]{2,30}|inviato da[\w .]{2,30}"
    r"|verstuurd vanaf mijn [\w .]{2,30}"
    r"|(?:从|發自|发自)\s?我的\s?.{2,20}|.{2,20}から送信)\W*"
)
# A disclaimer speaks of the mail itself, or of its reader,
DISCLAIMER_SUBJECT = _compiled(
    r"\b(?:this|diese[rs]?|ce|est[ea]|of the) (?:e-?mail|message|communication|transmission"
    r"|nachricht|mail|courriel|correo|mensaje|mensagem)|intended (?:recipient|solely)"
    r"|not the (?:intended |named )?(?:addressee|recipient)|information (?:contained )?in this"
    r"|views expressed|consider the environment|think before you print|equal opportunity"
    r"|邮件|このメール"
)
# and holds enough of these words.
DISCLAIMER_WORDS = _compiled(
    r"confidential|privileged|intended (?:recipient|solely|only)|not the (?:intended "
    r"|named )?(?:addressee|recipient)"
    r"|received (?:this|it)\b.{0,40}\bin error|disclosure|dissemination|distribut|copying"
    r"|prohibited|forbidden|unlawful"
    r"|unauthori[sz]ed|exempt from|accepts? no liability|viruses|views expressed|addressee"
    r"|delete (?:it|this|the)"
    r"|consider the environment|think before you print|equal opportunity employer"
    r"|vertraulich|irrt[üu]mlich|adressat|unbefugt|nicht gestattet|vernichten"
    r"|rechtlich gesch[üu]tzt"
    r"|confiden[ct]i?[ae]?l|destinat[áa]ri[oa]|destinataire|por error|por engano|par erreur"
    r"|prohibid[oa]|proibid[oa]|interdite?"
    r"|保密|机密|收件人|误收|機密|宛先|受信者|誤って"
)
