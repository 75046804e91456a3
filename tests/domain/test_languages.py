"""Which language a text is in, and what of it carries meaning."""

import pytest

from incident_copilot.domain import languages


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is my order and when will it be here?", "en"),
        ("Wo ist meine Bestellung und wann wird sie bei mir sein?", "de"),
        ("Je ne sais pas où est ma commande", "fr"),
        ("¿Cuándo llega mi pedido? No está en la tienda y yo lo espero", "es"),
        ("Quando arriva il mio ordine? Non è nel negozio", "it"),
        ("Não sei quando o meu pedido chega, você pode ajudar?", "pt"),
        ("Ik wil weten waarom het pakket nog niet bij mij is", "nl"),
        ("Nie wiem dlaczego moja paczka jest jeszcze w drodze", "pl"),
        ("注文はどこにありますか", "ja"),
        ("我的订单在哪里", "zh"),
        ("내 주문은 어디에 있나요", "ko"),
        ("Где мой заказ", "ru"),
        ("OK", None),
        ("", None),
        ("4711", None),
    ],
)
def test_language_is_guessed_by_script_and_small_words(text, language):
    assert languages.guess(text) == language


def test_words_that_carry_meaning():
    assert languages.telling("The refunds of 14.50 are in a warehouse") == {"refund", "14.50", "wareho"}
    assert languages.numbers("1,200 of 14.5 %") == {"1200", "145"}
