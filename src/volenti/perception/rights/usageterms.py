"""Usage terms: whether what somebody wrote in plain words is about machines that learn.

Nobody is refused by it: words can't be understood here, so a person reads them. In a field that is about
rights any mention is enough, because who allows everything rarely mentions it, and conditions are as
frequent as prohibitions. In a description or a keyword the same sentence has to forbid something, because a
picture may show what its caption speaks of.

English, German, French and Spanish are looked for, and the commonest forms of Italian, Portuguese, Dutch,
Chinese and Japanese.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress

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
    r"|人工智能|人工知能|机器学习|機器學習|機械学習|無断学習|学習禁止"
)
#: Words for training, which is what athletes do too.
_TRAINING = re.compile(
    r"\btrain(?:ing|ed)?\b[^.;!?]{0,60}\b(?:models?|networks?|machines?)\b"
    r"|trainieren|entraine(?:r|ment)|entrena(?:r|miento)|treina(?:r|mento)|addestra(?:re|mento)"
)
#: The abbreviations, in capitals: in lower case they are words of other languages, after a comma places.
_ABBREVIATION = re.compile(r"(?<![A-Za-z])(?<!, )(?:A\.?I\.?|KI|IA|GenAI|AI/ML)(?![A-Za-z])")
#: Words that forbid or set conditions, without accents and in lower case.
_FORBIDDING = re.compile(
    r"\b(?:no|not|non|never|neither|nor|without|except|excluding|exclud\w*|forbid\w*|prohibit\w*|ban|banned|deny|denied"
    r"|disallow\w*|restrict\w*|unauthori[sz]ed|reserv\w*|permission|consent|opt(?:ed)?[\s-]*out|don['’]?t|cannot|can['’]t"
    r"|kein\w*|nicht|ohne|nie|verbot\w*|untersag\w*|vorbehalt\w*|ausgeschlossen|unzulassig"
    r"|pas|sans|interdi\w*|jamais|aucun\w*|refus\w*|exclu\w*"
    r"|sin|ningun\w*|prohib\w*|nunca|excepto|excluid\w*|proibi\w*|sem|vietat\w*|senza|niet|geen|verboden)\b"
    r"|\bno[_-]?(?:ai|ml|imageai)\b|禁止|不可|不得"
)
_SENTENCES = re.compile(r"[.;!?\n。！？]\s*")


def speaks_of_machines(text: str) -> bool:
    """Whether a text about rights mentions machines that learn, or forbids them by an abbreviation."""
    return any(
        _LEARNING.search(plain)
        or _TRAINING.search(plain)
        or (_ABBREVIATION.search(each) and _FORBIDDING.search(plain))
        for each, plain in _forms(text)
    )


def forbids_machines(text: str) -> bool:
    """Whether a sentence of a description forbids machines to learn from the picture."""
    return any(
        _FORBIDDING.search(plain) and (_LEARNING.search(plain) or _ABBREVIATION.search(each))
        for whole, _ in _forms(text)
        for each, plain in _forms_of(_SENTENCES.split(whole))
    )


def _forms(text: str) -> Iterator[tuple[str, str]]:
    """The text, and what it is where UTF-8 was read as Latin-1; each also without accents in lower case."""
    cut = text[:TEXT_MAX]
    given = [cut]
    with suppress(ValueError):
        given.append(cut.encode("latin-1").decode())
    return _forms_of(dict.fromkeys(given))


def _forms_of(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    for each in texts:
        apart = unicodedata.normalize("NFKD", each.casefold())
        yield each, "".join(letter for letter in apart if not unicodedata.combining(letter))
