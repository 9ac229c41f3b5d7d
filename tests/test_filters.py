"""The filter language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.filters import MOST_TERMS, NUMBER_FIELDS, TEXT_FIELDS, FilterError, parse_filter
from tokentui.view import Filter, Term

WORDS = st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", ()),
        ("   ", ()),
        ("Opus", (Term("text", "~", "opus"),)),
        ("fix login", (Term("text", "~", "fix"), Term("text", "~", "login"))),
        ("!warm", (Term("text", "~", "warm", negated=True),)),
        ('"two words"', (Term("text", "~", "two words"),)),
        ('"model:opus"', (Term("text", "~", "model:opus"),)),
        ("model:opus", (Term("model", "~", "opus"),)),
        ("MODEL=Opus", (Term("model", "=", "opus"),)),
        ('project:"my app"', (Term("project", "~", "my app"),)),
        ("!branch:main", (Term("branch", "~", "main", negated=True),)),
        ("session:0ab agent:review", (Term("session", "~", "0ab"), Term("agent", "~", "review"))),
        ("cost>1", (Term("cost", ">", 1.0),)),
        ("cost<=$0.50", (Term("cost", "<=", 0.5),)),
        ("tokens>=1.5m", (Term("tokens", ">=", 1_500_000.0),)),
        ("tokens<2k !tokens=3B", (Term("tokens", "<", 2_000.0), Term("tokens", "=", 3e9, negated=True))),
        ("agents>3", (Term("agents", ">", 3.0),)),
        ("since:2h", (Term("since", "<=", 7_200.0),)),
        ("!since:1w", (Term("since", "<=", 604_800.0, negated=True),)),
    ],
)
def test_what_is_a_filter(text: str, terms: tuple[Term, ...]) -> None:
    assert parse_filter(text) == Filter(terms, text.strip())


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("!", 0, "nothing after the !"),
        ("opus ! x", 5, "nothing after the !"),
        ('fix "login', 4, "the quote is not closed"),
        ('"a"b', 3, "a space is missing after the quote"),
        ('""', 0, "nothing between the quotes"),
        ("colour:red", 0, "no field colour"),
        ("http://x", 0, "quote it to search"),
        ("model:", 6, "model: needs a value"),
        ("model>3", 5, "model is text"),
        ("cost:1", 4, "cost is a number"),
        ("cost>much", 5, "much is no number"),
        ("a cost>1e999", 7, "1e999 is no number"),
        ("since:soon", 6, "soon is no time span"),
        ("since>2h", 5, "write since:2h"),
        ("a " * (MOST_TERMS + 1), 2 * MOST_TERMS, "at most"),
    ],
)
def test_what_is_none_says_where_and_why(text: str, position: int, words: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse_filter(text)
    assert caught.value.position == position
    assert words in caught.value.message


def parsed(text: str) -> Filter | FilterError:
    try:
        return parse_filter(text)
    except FilterError as error:
        return error


@given(st.text(max_size=80))
def test_any_text_is_a_filter_or_an_error_with_a_place_in_it(text: str) -> None:
    found = parsed(text)
    if isinstance(found, FilterError):
        assert 0 <= found.position <= len(text)
        assert found.message
    else:
        assert found.source == text.strip()
        assert bool(found.terms) == bool(text.strip())


@given(st.text(max_size=80))
def test_what_parses_parses_again_to_the_same(text: str) -> None:
    found = parsed(text)
    if isinstance(found, Filter):
        assert parse_filter(found.source) == found


@given(st.lists(st.tuples(st.sampled_from(TEXT_FIELDS), WORDS, st.booleans()), max_size=8))
def test_terms_stand_for_themselves_in_order(wanted: list[tuple[str, str, bool]]) -> None:
    text = " ".join(f"{'!' * negated}{field}:{value}" for field, value, negated in wanted)
    terms = parse_filter(text).terms
    assert [(term.field, term.value, term.negated) for term in terms] == [
        (field, value.lower(), negated) for field, value, negated in wanted
    ]


@given(st.sampled_from(NUMBER_FIELDS), st.sampled_from([">", ">=", "<", "<=", "="]), st.integers(0, 10**9))
def test_numbers_keep_their_value(field: str, operator: str, value: int) -> None:
    (term,) = parse_filter(f"{field}{operator}{value}").terms
    assert (term.field, term.operator, term.value) == (field, operator, float(value))
