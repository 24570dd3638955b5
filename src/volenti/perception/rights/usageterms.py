"""Usage terms: whether what somebody wrote in plain words is about machines that learn.

Nobody is refused by it: words can't be understood here, so a person reads them. In a field that is about
rights any mention is enough, because who allows everything rarely mentions it, and conditions are as
frequent as prohibitions. In a description or a keyword the same sentence has to forbid something, because a
picture may show what its caption speaks of.

English, German, French and Spanish are looked for, and the commonest forms of the other languages of the
European Union, of Russian, Ukrainian, Norwegian, Turkish, Chinese, Japanese and Korean. The words are looked
for, not what they mean together.

A field may also be about machines by its name (`aiTraining`, `no-ai`), whatever stands in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache

#: Characters of one field that are looked at.
TEXT_MAX = 2**16

#: Machine learning in words, without accents and in lower case.
_LEARNING = re.compile(
    r"machine[\s-]*learning|deep[\s-]*learning|artificial intelligence|neural net|language model|\bllms?\b"
    r"|generative (?:model|network|system|tool)|(?:text|data)[\s-]*(?:and|&|\+)?[\s-]*(?:data[\s-]*)?mining"
    r"|\btdm\b|\b44b\b|2019/790|122-5-3"
    r"|\b(?:ai|ml|gen[\s-]*ai)[\s/-]*(?:/\s*ml[\s-]*)?(?:train|model|data|use\b|usage|learning|generat|system|tool)"
    r"|\btrain(?:ing|ed)?\b[^.;!?]{0,60}\b(?:ai|ml|algorithms?)\b"
    r"|\btrain(?:ing)? (?:\w+ ){0,2}(?:models|networks)\b"
    r"|\b(?:model|algorithm)[\s-]*training|training (?:data|set|of models)"
    r"|\bno[\s_-]*(?:gen(?:erative)?[\s_-]*)?(?:ai|ml)\b|\bnoimageai\b"
    r"|\b(?:not|opt(?:ed)?[\s-]*out) [^.;!?]{0,30}\bai\b"
    r"|maschinelle\w* lern|kunstliche\w* intelligenz|\bki[\s-]*(?:train|modell|system|nutz|generier|anwend)"
    r"|trainings(?:daten|zweck)|sprachmodell|neuronale"
    r"|apprentissage (?:automatique|machine|profond|par)|intelligence artificielle"
    r"|fouille de (?:textes?|donnees)"
    r"|reseau\w* de neurones|modeles? d['’]ia\b"
    r"|aprendizaje (?:automatico|profundo)|inteligencia artificial|mineria de (?:textos?|datos)"
    r"|redes neuronales|aprendizado de maquina|mineracao de (?:textos?|dados)"
    r"|intelligenza artificiale|apprendimento automatico|estrazione di (?:testo|dati)"
    r"|kunstmatige intelligentie|tekst- en datamining|datamining"
    r"|reti neurali|apprendimento (?:profondo|macchin)|prospecao de (?:textos?|dados)|redes neura"
    r"|aprendiza(?:gem|do) (?:de maquina|automatic|profund)|exploration de (?:textes?|donnees)"
    r"|machinaal leren|neura(?:al|le) netwerk|taalmodel"
    # Polish, Czech, Slovak, Slovene and Croatian.
    r"|sztuczn\w* inteligencj|uczeni\w* (?:maszynow|glebok)|maszynow\w* uczen|eksploracj\w* (?:tekst|danych)"
    r"|(?:siec|sieci|sieciach) neuronow|modeli? (?:jezykow|ai\b)"
    r"|umel\w* inteligenc|strojov\w* uceni|neuronov\w* sit|neuronov\w* siet|vytezovani\w* (?:textu|dat)"
    r"|um(?:j?etn)\w* inteligenc|strojn\w* ucenj|rudarjenj\w* (?:besedil|podatk)"
    # Swedish, Danish and Norwegian; Finnish, Estonian, Hungarian, Latvian, Lithuanian, Romanian and Greek.
    r"|artificiell\w* intelligens|kunstig\w* intelligens|maskin(?:inlarning|laering|læring)|datautvinning"
    r"|sprakmodell|sprogmodel|neurala natverk|neurale netv"
    r"|tekoaly|koneoppimi|tiedonlouhin|tehisintellekt|tehisaru|masinope"
    r"|mesterseges intelligenci|gepi tanul|adatbanyasz|maksliga\w* intelekt|masinmaci"
    r"|dirbtini\w* intelekt|masinini\w* mokym|inteligent\w* artificial|invatar\w* automat"
    r"|τεχνητη\w* νοημοσυνη|μηχανικη\w* μαθηση|εξορυξη\w* (?:κειμεν|δεδομεν)"
    # Russian, Ukrainian and Bulgarian, without the marks above letters; Turkish.
    r"|искусственн\w* интеллект|машинн\w* обучени|неиросет|неиронн\w* сет|глубок\w* обучени"
    r"|обучени\w* (?:\w+ ){0,2}(?:модел|алгоритм|ии\b)|языков\w* модел"
    r"|штучн\w* інтелект|машинн\w* навчанн|неиромереж|изкуствен\w* интелект|машинно\w* обуч|невронн\w* мреж"
    r"|yapay zek|makine ogren"
    r"|人工智能|人工智慧|人工知能|机器学习|機器學習|機械学習|無断学習|学習禁止"
    rf"|{unicodedata.normalize('NFKD', '인공지능|기계학습|머신러닝')}"
)
#: Words for training, which is what athletes do too.
_TRAINING = re.compile(
    r"\btrain(?:ing|ed)?\b[^.;!?]{0,60}\b(?:models?|networks?|machines?)\b"
    r"|trainieren|entraine(?:r|ment)|entrena(?:r|miento)|treina(?:r|mento)|addestra(?:re|mento)"
    r"|\btrainen\b|trenowa(?:c|ni)|trenova|трениров"
)
#: The abbreviations, in capitals: in lower case they are words of other languages, after a comma
#: places, and before some words an Italian preposition.
_ABBREVIATION = re.compile(
    r"(?<![A-Za-z])(?<!, )(?:A\.?I\.?(?!\s(?:SENSI|FINI|TERMINI|DIRITTI|SOLI|TERZI)\b)|KI|IA|GenAI|AI/ML)"
    r"(?![A-Za-z])"
    r"|(?<!\w)(?:ИИ|ШІ)(?!\w)"
)
#: Words that forbid or set conditions, without accents and in lower case.
_FORBIDDING = re.compile(
    r"\b(?:no|not|non|never|neither|nor|without|except|excluding|exclud\w*|forbid\w*|prohibit\w*|ban|banned|deny|denied"
    r"|disallow\w*|restrict\w*|unauthori[sz]ed|reserv\w*|permission|consent|opt(?:ed)?[\s-]*out|don['’]?t|cannot|can['’]t"
    r"|kein\w*|nicht|ohne|nie|verbot\w*|untersag\w*|vorbehalt\w*|ausgeschlossen|unzulassig"
    r"|pas|sans|interdi\w*|jamais|aucun\w*|refus\w*|exclu\w*"
    r"|sin|ningun\w*|prohib\w*|nunca|excepto|excluid\w*|proibi\w*|sem|vietat\w*|senza|niet|geen|verboden"
    r"|divieto|vieta|nao|vedad\w*|nenhum\w*|salvo|esclus\w*|zonder|voorbehoud\w*|uitgesloten"
    r"|zakaz\w*|zabron\w*|zabrania\w*|niedozwol\w*|nie|bez|zastrze\w*|wykluczon\w*|sprzeciw\w*"
    r"|nesm\w*|neni|nepovol\w*|nedovol\w*|vyhrazen\w*|nepouziv\w*|prepovedan\w*|zabranjen\w*"
    r"|inte|ej|forbju\w*|forbud\w*|forbudt|utan|ingen|inga|ikke|uden|uten|ei|kielletty|tilos|nem|interzis\w*"
    r"|fara|keelatud|aizlieg\w*|nedrikst\w*|draudz\w*|negalim\w*|χωρις|δεν|οχι|απαγορευ\w*"
    r"|не|нет|нельзя|без|запре\w*|запрет\w*|воспрещ\w*|исключ\w*|недопуст\w*|заборон\w*|забран\w*|yasak\w*)\b"
    r"|\bno[_-]?(?:ai|ml|imageai)\b|禁止|不可|不得"
    rf"|{unicodedata.normalize('NFKD', '금지')}"
)
#: Names of fields that are about what machines may do: words in lower case, with hyphens between them.
_MACHINES = r"(?:gen(?:erative)?-?)?(?:ai|ml|ki|ia)(?:-?(?:ai|ml))?"
_USE = (
    r"(?:train|learn|mining|scrap|crawl|opt-?(?:out|in)|dis-?allow|allow|prohib|forbid|restrict|reserv|permi|consent"
    r"|constrain|polic|usage|uses?(?:-|$)|input|deny|block|exclu|licen[cs]|rights?|terms|prefer)"
)
_FORBIDS = (
    r"(?:no|not|non|do-?not|dont|anti|block|deny|exclude|dis-?allow|allow|permit|prohibit|forbid|reserve|opt-?(?:out|in))"
    r"(?:s|ed|ted|ion)?(?:-?(?:for|of|from|by|to|in|image|use))*"
)
_FIELD = re.compile(
    rf"(?:^|-){_MACHINES}-?{_USE}|(?:^|-)(?:{_FORBIDS}|train(?:ing)?(?:-?(?:for|of|by|on))?)-?{_MACHINES}(?:-|$)"
    rf"|data-?mining|text-?mining|(?:^|-)tdm(?:-|$)|(?:^|-)tdm-?{_USE}|(?:machine|deep)-?learning(?:-?{_USE}|$)"
    rf"|(?:^|-){_FORBIDS}-?(?:train|scrap|mining)|(?:^|-)train(?:ing)?-?(?:{_USE})|(?:^|-)opt-?out"
)
_NAME_MAX = 256
_NAME_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_RIGHTS_NAME = re.compile(r"rights|licen[cs]|terms|copyright|disclaimer|restriction|permission")
_LONG_WORD = re.compile(r"\S{65,}")
_ADDRESS = re.compile(r"\s*(?:https?|file)://\S*\s*", re.IGNORECASE)
_SENTENCES = re.compile(r"[.;!?\n。！？]\s*")


def speaks_of_machines(text: str) -> bool:
    """Whether a text about rights mentions machines that learn, or forbids them by an abbreviation.

    A text that is too long to be read may mention anything.
    """
    return len(text) > TEXT_MAX or any(
        _LEARNING.search(plain)
        or _TRAINING.search(plain)
        or (_ABBREVIATION.search(each) and _FORBIDDING.search(plain))
        for each, plain in _forms(text)
    )


def forbids_machines(text: str) -> bool:
    """Whether a sentence of a description forbids machines to learn from the picture.

    Addresses aren't sentences, nor are words as long as no word is: bytes in letters have every abbreviation.
    """
    if _ADDRESS.fullmatch(text):
        return False
    text = _LONG_WORD.sub(" ", text)
    return any(
        _FORBIDDING.search(plain) and (_LEARNING.search(plain) or _ABBREVIATION.search(each))
        for whole, _ in _forms(text)
        for each, plain in _forms_of(_SENTENCES.split(whole))
    )


@lru_cache(maxsize=4096)
def is_field_of_machines(name: str) -> bool:
    """Whether a field is about what machines may do, by its name: `aiTraining`, `no-ai`, `tdm_opt_out`."""
    return _FIELD.search("-".join(_NAME_WORDS.findall(name[:_NAME_MAX])).lower()) is not None


def is_field_of_rights(name: str) -> bool:
    """Whether a field is about rights, by its name."""
    return _RIGHTS_NAME.search(re.sub(r"[\W_]", "", name[:_NAME_MAX]).lower()) is not None


def _forms(text: str) -> Iterator[tuple[str, str]]:
    """The text, and what it is where UTF-8 or Windows-1251 was read as Latin-1; each also without accents in
    lower case."""
    cut = text[:TEXT_MAX]
    given = [cut]
    if not cut.isascii():
        with suppress(ValueError):
            data = cut.encode("latin-1")
            given.append(data.decode("cp1251", errors="replace"))
            given.append(data.decode())
    return _forms_of(dict.fromkeys(given))


def _forms_of(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    for each in texts:
        apart = unicodedata.normalize("NFKD", each.casefold())
        yield each, "".join(letter for letter in apart if not unicodedata.combining(letter))
