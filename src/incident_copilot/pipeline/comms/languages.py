"""The templates of customers' updates in the languages that a team may choose; names and times are the same."""

from collections.abc import Mapping
from typing import NamedTuple

from incident_copilot.domain.team_settings import Language


class Phrases(NamedTuple):
    """What is said to customers; `since`, `thing`, `share`, `workaround` and `at` are filled in."""

    wrong: str
    failing: str
    failed: str
    share: str
    meanwhile: str
    at_work: str
    mended: str
    works: str
    next_update: str
    unnamed: str


PHRASES: Mapping[Language, Phrases] = {
    "en": Phrases(
        wrong="Since {since} answers of {thing} may be wrong. Please check those that matter.",
        failing="Since {since} requests to {thing} have been failing.",
        failed="From {since} some requests to {thing} failed.",
        share="About {share} of them fail.",
        meanwhile="Meanwhile: {workaround}",
        at_work="Our engineers are working on it.",
        mended="A fix is in place and we are watching it.",
        works="{Thing} works again. We are sorry for the trouble.",
        next_update="Next update by {at}.",
        unnamed="our service",
    ),
    "de": Phrases(
        wrong="Seit {since} können Antworten von {thing} falsch sein. Bitte prüfen Sie, was wichtig ist.",
        failing="Seit {since} schlagen Anfragen an {thing} fehl.",
        failed="Ab {since} schlugen manche Anfragen an {thing} fehl.",
        share="Betroffen sind etwa {share} davon.",
        meanwhile="Bis dahin: {workaround}",
        at_work="Unsere Technik arbeitet daran.",
        mended="Eine Korrektur ist eingespielt, und wir beobachten sie.",
        works="{Thing} funktioniert wieder. Wir bitten um Entschuldigung.",
        next_update="Nächste Mitteilung bis {at}.",
        unnamed="unser Angebot",
    ),
    "fr": Phrases(
        wrong="Depuis {since}, des réponses de {thing} peuvent être fausses. Merci de vérifier ce qui compte.",
        failing="Depuis {since}, des requêtes vers {thing} échouent.",
        failed="À partir de {since}, certaines requêtes vers {thing} ont échoué.",
        share="Environ {share} d'entre elles échouent.",
        meanwhile="En attendant : {workaround}",
        at_work="Nos équipes y travaillent.",
        mended="Un correctif est en place et nous le surveillons.",
        works="{Thing} fonctionne de nouveau. Nous vous prions de nous excuser.",
        next_update="Prochaine information avant {at}.",
        unnamed="notre service",
    ),
    "es": Phrases(
        wrong="Desde las {since} las respuestas de {thing} pueden ser erróneas. Compruebe lo importante.",
        failing="Desde las {since} fallan solicitudes a {thing}.",
        failed="Desde las {since} fallaron algunas solicitudes a {thing}.",
        share="Falla aproximadamente el {share} de ellas.",
        meanwhile="Mientras tanto: {workaround}",
        at_work="Nuestro equipo trabaja en ello.",
        mended="Hay una corrección en marcha y la estamos observando.",
        works="{Thing} vuelve a funcionar. Lamentamos las molestias.",
        next_update="Próxima información antes de las {at}.",
        unnamed="nuestro servicio",
    ),
}
