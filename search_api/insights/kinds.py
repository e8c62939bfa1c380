"""What a question is: it tells of a malfunction, asks how to do something, or wants a new feature.

Told by the turns of phrase that people use in eight languages; where a text has none of them, by
the type of the article that answers it. Nothing here keeps a text. How often this is right is
measured in `tests/search_api/insights/test_kinds.py` and stands in the handbook.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Kind = Literal["malfunction", "how-to", "request"]
# As the dashboard names them; the order of `CODES`.
KINDS: Mapping[Kind, str] = {
    "malfunction": "something does not work",
    "how-to": "how to do something",
    "request": "a wish for the product",
}
# By which number columns keep a kind; 0 is a text that does not say.
CODES: Mapping[Kind | None, int] = {None: 0, "malfunction": 1, "how-to": 2, "request": 3}
# What an article answers, where the question itself does not say what it is.
_BY_TYPE: Mapping[str, Kind] = {
    "troubleshooting": "malfunction",
    "known-issue": "malfunction",
    "how-to": "how-to",
    "process": "how-to",
    "policy": "how-to",
    "reference": "how-to",
    "tip": "how-to",
}
# What somebody wants is said at the beginning or nowhere; the rest of a ticket tells of
# everything.
_READ_CHARS = 600

_WISHES = r"""
feature[- ]request|feature[- ]wish|missing feature|improvement idea|enhancement
\b(?:my|our|an?|his|her) (?:wish|suggestion|idea)\b|^\W*(?:suggestion|idea|wish)\W
\bi(?:['\u2019]d)? (?:really )?wish\b|\bwish (?:for|list)\b
\b(?:would|['\u2019]d) (?:be (?:so |really |very )?(?:nice|great|good|cool|helpful|useful|
lovely)|love)\b
\bi['\u2019]?d like (?:a|an|to (?:have|see|suggest))\b
\b(?:can|could|would|will|please|pls)\b(?: (?:you|we|they|u|guys|the team|please|also|maybe|just|
possibly))* (?:add|build|implement|introduce|support)\b
\b(?:please|pls) (?:make|let us|let me|allow|enable|give us|bring back|support)\b
\bcan we (?:get|have)\b|\bare you going to (?:add|build|support|bring)\b
\b(?:any )?plans? (?:to|for) (?:add|support|build|bring|offer)
\b(?:tool|app|board|list|system|player|page|console|it) (?:should|ought to)\b
\bwe (?:need|want) (?:an? )?(?:option|button|feature|way|filter|mode|view|setting)\b
\bwhy (?:is|are) there (?:still )?no\b
\bwhy (?:can(?:no|['\u2019]?)t|can not) (?:i|we|one) (?:just |simply )?(?:sort|filter|hide|undo|
change the (?:colou?r|look))
\bwünsch\w*|\bwunsch\b|\bvorschlag\b|verbesserungs\w+
\b(?:wäre|wär) (?:\w+ )?(?:schön|toll|gut|super|praktisch|hilfreich|nett)|\bich hätte gern
\b(?:könntet|könnt|würdet|können) (?:ihr|sie) (?:bitte |nicht )?(?:\w+ ){0,4}(?:einbauen|
hinzufügen|ergänzen|anbieten|einführen)
\bwarum (?:gibt es|hat \w+ \w+) kein|\bsugerencia|\bsugestão|\bsugiero|\bsugiro
\bpropuesta de mejora|\bpedido de melhoria
\b(?:estaría|sería|seria) (?:muy |muito )?(?:bien|bueno|bom|genial|útil|legal|ótimo)
\b(?:me )?gustaría (?:que|tener|poder)|\bgostaria (?:que|de ter|de poder)
\bpod(?:r[ií]an|r[ií]a|éis|emos|eriam|eria)\w* (?:\w+ )?(?:añadir|agregar|incluir|incorporar|
adicionar|implementar|colocar)
\bpor qué no (?:hay|existe|tiene)|\bpor que não (?:há|tem|existe)|\bojalá|\btomara que
\bce serait (?:bien|super|pratique)|\bj['\u2019]aimerais (?:que|avoir)|\bpourriez-vous ajouter
\bsarebbe (?:bello|utile)|\bvorrei che|\bpotreste aggiungere|希望|建议|想提|要是.*就好
能不能(?:支持|加|增|做|出)|可不可以(?:加|增)|(?:加|增加|添加)一?个.*(?:功能|模式|按钮|选项)|加个
ほしい|欲しい|要望|してくれると|(?:と|たら|ば)(?:うれしい|嬉しい|助かり|助かる|いい)|追加して
機能があれば
"""
_FAULTS = r"""
\b(?:not?|never|nothing|cannot|unable|\w+n['\u2019]t|cant|wont|doesnt|dont|didnt|isnt|
no longer)\b(?:\W+\w+){0,3}?\W+(?:work\w*|load\w*|open\w*|log ?in|sign ?in|save[ds]?|send\w*|
sent|submit\w*|respond\w*|react\w*|arriv\w*|appear\w*|show\w*|updat\w*|play\w*|start\w*|
connect\w*|happen\w*|get in|come|came|find|finds|reach\w*|print\w*|accept\w*|match\w*|pass|
finish\w*)\b
\b(?:does|do|did|finds?|shows?) nothing\b|\bnothing (?:happens|happened|comes|works|loads)
\b(?:errors?|exception|bug|bugs|crash\w*|broken|fail(?:s|ed|ure|ing)?|freez\w+|froze|frozen|
stuck|hangs?|hung|down for|is down|outage|glitch\w*|corrupt\w*|timed? ?out|timeouts?|
malfunction\w*|dead|unresponsive)\b
\b(?:black|blank|white|empty) (?:screen|page|picture|player)\b
\b(?:stays?|is|are|goes|went) (?:\w+ )?(?:black|blank|white|empty|grey|gray|slow|laggy)\b
\bgre[ya](?:ed)? out\b|\b(?:so|very|extremely|really|too|terribly) slow\b|\bspins?\b
\bkeeps? (?:\w+ )?(?:\w+ing|kicked|logged|signed)\b|\bkeep getting\b
\b(?:stopped|quit) (?:\w+ing)\b|\b(?:disappear|vanish)\w*
\b(?:is|are|were|all) (?:all )?(?:gone|lost|missing|wrong|refused|rejected|outdated|garbled|
scrambled)\b
\brefused\b
\b(?:wrong|old|yesterday['\u2019]s) (?:number|figure|date|time|count|total|name|letter)s?\b
\balthough\b|\beven though\b|\b(?:locked|kicked|logged|signed|thrown) (?:me )?out\b
\b[a-z]{2,6}-\d{3,5}\b|\b(?:http |error |code )?(?:40[0-9]|50[0-9])\b|\b0x[0-9a-f]{4,}\b
\bfehler\w*|\bgeht (?:\w+ )?nicht|\bfunktioniert (?:\w+ )?nicht|\breagiert (?:\w+ ){0,3}nicht
\b(?:kann|können) (?:\w+ )?(?:mich|uns) nicht|\bkaputt|\babgestürzt|\bstürzt
\bbricht \w*(?: \w+){0,3} ab\b|\bhängt\b|\bbleibt (?:\w+ )?(?:weiß|leer|schwarz|grau|hängen)
\bfalsch\b|\blädt (?:nicht|ewig|\w+ nicht)|\bkommt (?:\w+ )?nicht\b|\bverschwunden
\bkeiner (?:\w+ ){0,3}kann\b|\bnicht (?:mehr )?(?:möglich|erreichbar|angezeigt|gespeichert)
\blangsam\b|\berror(?:es)?\b|\berros?\b|\bfall(?:a|an|o|ó)\b|\bfalha\w*
\bno (?:puedo|podemos|funciona|carga|abre|guarda|llega|llegan|aparece|responde|hace|me deja|
se \w+)\b
\bnão (?:consigo|conseguimos|funciona|carrega|abre|salva|chega|chegam|aparece|responde|faz|
entra)\b
\bninguém consegue|\bnadie (?:\w+ ){0,3}puede|\bdej(?:ó|aron|a|an) de\b|\bparou|\bpararam
\btrava\w*|\bse queda\b|\bfica (?:em branco|preto|preta)|\bincorrect[ao]s?\b|\berrad[ao]s?\b
\broto\b|\bquebrad[ao]|\blent[ao]s?\b|\bdesaparec\w+|\bsumi(?:u|ram)\b|\berreurs?\b
\bne (?:\w+ )?(?:marche|fonctionne|charge|répond|s['\u2019]ouvre) (?:pas|plus)|\bplante\b|\bbloqué
\berrore\b|\bnon (?:funziona|si apre|carica|riesco|risponde)|错误|失败|报错|异常|没反应|没有反应
打不开|(?:登录|登陆|提交|保存|上传|下载|播放|进|看|点|加载|连|用|收|发|打印)不(?:了|出|上|到|开)
黑屏|白屏|卡(?:住|死|顿)|特别卡|很卡|太卡|乱码|不见了|收不到|坏了|崩溃|无法
不能(?:用|登|打|提|保|加载)|不显示|不工作|故障|できません|できない|エラー|届かない|届きません
反応しない|反応しません|動かない|動きません|開かない|開けません|開けない|真っ[白黒]|固まる
固まって|落ちる|表示されない|表示されません|消えた|消えました|おかしい|遅い|重い|つながらない|壊れ
文字化け
"""
_HOWS = r"""
\bhow (?:do|can|to|does|should|would|long|many|much|often|is|are|will|we|i)\b|\bhow['\u2019]s\b
^\W*(?:where|who|whom|which|when|what|may|am|do|does|is|are|can|should|must)\b
\b(?:where|whom?|which|what|when) (?:do|does|can|is|are|should|must|may|will|to)\b
\b(?:can|may|could|should|must) (?:i|we|somebody|one|they)\b
\b(?:steps?|procedure|process|guide|instructions?|link|shortcut|template) (?:to|for)\b
\bam i allowed\b|\ballowed to\b
\b(?:need|want|would like) (?:\w+ )?(?:access|to (?:know|change|see|move|get|find|use))\b
^\W*(?:wie|wo|wer|wen|wem|welche\w*|wann|was|darf|kann|muss|dürfen|können|gibt es)\b
\bwie (?:kann|setze|bekomme|mache|komme)\b|\bwo (?:finde|stelle|sehe|kann)\b|\bcómo\b|\bdónde\b
\bquién\b|\bcuándo\b|\bcuál\b|\bqué (?:es|significa|hago|debo|tengo)\b|\bpuedo\b|\bse puede
\bpasos para\b|\bcomo (?:faço|posso|fazer|eu|coloco|mudo|se|peço|troco)\b|\bonde\b|\bquem\b
\bquando\b|\bqual\b|\bo que (?:é|eu|significa|faço)\b|\bposso\b|\bdá para\b|\bcomment\b|\boù\b
\bqui (?:peut|doit)\b|\bcome (?:si|posso|faccio)\b|\bdove\b|怎么|怎样|如何|哪里|哪儿|哪个|谁
什么(?:时候|意思|是)?|步骤|可以.*吗|能.*吗|是否|多久|几天|どうやって|どうすれば|どこ|誰|いつ
何(?:です|の|を|が)|手順|方法|教えて|ますか|でしょうか|ですか
"""


def _any(turns: str) -> re.Pattern[str]:
    """Return what finds one of some turns of phrase; each line's end parts two of them."""
    return re.compile(re.sub(r"\|?\n", "|", turns.strip()), re.IGNORECASE)


# A wish is said outright. A fault counts before a question about it: who asks how to get rid of
# an error has one.
_RULES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("request", _any(_WISHES)),
    ("malfunction", _any(_FAULTS)),
    ("how-to", _any(_HOWS)),
)


def kind_of_text(text: str) -> Kind | None:
    """Return what a question is by its turns of phrase; None where it has none of them."""
    read = text[:_READ_CHARS]
    return next((kind for kind, pattern in _RULES if pattern.search(read)), None)


def kind_of_type(article_type: str | None) -> Kind | None:
    """Return what an article of a type answers; None for types that are not ours."""
    return _BY_TYPE.get(article_type or "")
