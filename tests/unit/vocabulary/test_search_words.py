"""people search by words: accents optional, half a word at the end, look-alikes alike."""

import pytest

from shared.vocabulary.search_words import MOST_WORDS, Question, words_of


def finds(question: str, *texts: str) -> bool:
    """Return whether texts have all whole words of a question, and one that begins as its last."""
    words = words_of(*texts).split()
    asked = Question.of(question)
    half = asked.begun
    return set(asked.whole) <= set(words) and (
        half is None or any(word.startswith(half) for word in words)
    )


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("dân vận", "Mô hình Dân vận khéo"),
        ("dan van kh", "Mô hình Dân vận khéo"),
        ("DÂN VẬN", "dân vận"),
        ("hoà", "Hòa An"),
        ("đường hoa", "Đường hoa nông thôn mới"),
        ("duong hoa", "Ðường hoa nông thôn mới"),  # eth for Đ
        ("15/QĐ-UBND", "15/QĐ-UBND"),
        ("15 qđ ubnd", "15/QĐ-UBND"),
        ("15/QĐ", "15/QĐ–UBND"),
        ("5/qd", "05/QĐ-UBND"),
        ("05/QĐ-UB", "5/QĐ-UBND"),
        ("m'gar", "Cư M’gar"),
        ("mgar", "Cư M’gar"),
        ("cu m gar", "Cư M'gar"),
        ("tổ 5", "Tổ 5"),
        ("van khe", "Dân vận khéo"),  # decomposed letters
        ("thôn, bản; (tổ)", "Tổ tự quản thôn bản"),
    ],
)
def test_a_text_is_found_by_its_words(question: str, text: str) -> None:
    assert finds(question, text)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("da van", "Dân vận"),  # only the last word may be half typed
        ("dân vận giỏi", "Dân vận khéo"),
        ("ận", "Dân vận"),  # no word begins so
        ("tổ 5", "Tổ 50"),  # one letter or digit is a whole word
        ("15", "150/QĐ-UBND 25"[9:]),
    ],
)
def test_a_text_is_not_found_by_other_words(question: str, text: str) -> None:
    assert not finds(question, text)


def test_words_of_several_texts_have_no_underscore() -> None:
    assert words_of("Dân vận", "ban Dân_vận").split() == ["dan", "van", "ban", "dan", "van"]
    assert words_of("", " — ").split() == []
    assert not Question.of(" !? ")


def test_a_long_question_is_cut_and_finds_no_less() -> None:
    title = " ".join(f"tu{n}" for n in range(MOST_WORDS + 9))
    asked = Question.of(title)
    assert (len(asked.whole), asked.begun) == (MOST_WORDS, None)
    assert finds(title, title)


def test_a_title_with_no_other_word_is_before_others_and_what_is_as_typed_before_both() -> None:
    titles = ("Tổ 5 tự quản", "Tổ 5", "Tổ – 05", "Tổ 05 tự quản")
    assert sorted(titles, key=Question.of("to 05").place) == [titles[n] for n in (2, 3, 1, 0)]
    assert sorted(titles, key=Question.of("tổ, 5").place) == [titles[n] for n in (1, 0, 2, 3)]
    assert sorted(titles, key=Question.of("tu quan").place) == list(titles)


def test_accents_agree_as_they_were_typed() -> None:
    asked = Question.of("hoà bì")
    assert asked.agrees("Ban Dân vận Hòa Bình")  # either place of the tone
    assert not asked.agrees("Họa binh")
    assert Question.of("đồ").agrees("Đồng Tháp")
    assert not Question.of("đồ").agrees("Do")
    assert Question.of("hoa binh").agrees("Hòa Bình")  # none typed: none required
    assert asked.agrees("Phường Hoà", "Bình Định")  # over title and owner together
