"""The normal form of a phone, and the zones that it may lie in."""

from __future__ import annotations

import json
import random
import re
import sys
from importlib.resources import files

import phonenumbers
import phonenumbers.timezone
import pytest
from hypothesis import given, settings, strategies as st

from scheduler import Campaign, read_request
from scheduler.intake.phones import DECIDING_DIGITS, ZoneFinder
from scheduler.jobs import normal_form

STRIPPED = "+ -.()"
MAX_DIGITS = 15
TYPES = ("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan")


def links() -> dict[str, str]:
    """Each id of the pinned database that is a link, and what it links to."""
    lines = files("tzdata").joinpath("zoneinfo", "tzdata.zi").read_text("utf-8").splitlines()
    return {line.split()[2]: line.split()[1] for line in lines if line.startswith("L ")}


LINKS = links()


def zones_without_memo(digits: str) -> set[str]:
    """What R2.6 says: the zones that the library gives for `+` and the digits, links to one zone counted once."""
    try:
        number = phonenumbers.parse("+" + digits)
    except phonenumbers.NumberParseException:
        return set()
    names = phonenumbers.timezone.time_zones_for_number(number)
    return {LINKS.get(name, name) for name in names if name != "Etc/Unknown"}


def zones(finder: ZoneFinder, digits: str) -> set[str]:
    """The zones that a finder gives, by the ids that their ids link to."""
    found = [LINKS.get(zone.name, zone.name) for zone in finder.zones_of(digits)]
    assert len(set(found)) == len(found)
    return set(found)


def examples() -> dict[str, list[tuple[str, str]]]:
    """A number of each kind in each region, by country code: trunk prefix, and the digits behind it."""
    found: dict[str, list[tuple[str, str]]] = {}
    for region in phonenumbers.SUPPORTED_REGIONS:
        plan = phonenumbers.PhoneMetadata.metadata_for_region(region)
        for kind in phonenumbers.PhoneNumberType.values():
            example = phonenumbers.example_number_for_type(region, kind)
            if plan is not None and example is not None:
                digits = phonenumbers.national_significant_number(example)
                found.setdefault(str(example.country_code), []).append((plan.national_prefix or "", digits))
    return {country: sorted(set(numbers)) for country, numbers in sorted(found.items())}


def patterns() -> list[tuple[str, str]]:
    """Country code and pattern of each kind of number in each region."""
    found = set()
    for region in phonenumbers.SUPPORTED_REGIONS:
        plan = phonenumbers.PhoneMetadata.metadata_for_region(region)
        for kind in TYPES:
            pattern = getattr(getattr(plan, kind, None), "national_number_pattern", None)
            if plan is not None and pattern:
                found.add((str(plan.country_code), pattern))
    return sorted(found)


EXAMPLES = examples()
PATTERNS = patterns()


def prefix_length(digits: str) -> int:
    """How many digits the memo looks at: a country code, and those that decide."""
    return (1 if digits[0] in "17" else 3) + DECIDING_DIGITS


# --- the normal form -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "79123456789",
        "+79123456789",
        "+7 912 345-67-89",
        "+7 (912) 345.67.89",
        " 79123456789 ",
        "7-9-1-2-3-4-5-6-7-8-9",
        "(((79123456789",
        "7+9123456789",
    ],
)
def test_a_phone_is_its_digits(text: str) -> None:
    """R15.4: `+`, blanks, `-`, `.`, `(` and `)` are stripped."""
    assert normal_form(text) == "79123456789"


@pytest.mark.parametrize(
    ("digits", "good"), [(0, False), (4, False), (5, True), (11, True), (15, True), (16, False), (40, False)]
)
@pytest.mark.parametrize("prefix", ["", "+", "(", " "])
def test_a_phone_has_five_to_fifteen_digits(prefix: str, digits: int, good: bool) -> None:
    """R15.4: counted once the rest is stripped."""
    text = "1" * digits

    assert normal_form(prefix + text) == (text if good else None)


def test_leading_zeros_stay() -> None:
    """R15.4: the digits are the normal form; nothing is made of a trunk prefix."""
    assert normal_form("00 7 912") == "007912"
    assert normal_form("89123456789") == "89123456789"


@pytest.mark.parametrize(
    "text",
    [
        "7912345678a",
        "7912345678/9",
        "7912345678,9",
        "7912345678;9",
        "7912345678#",
        "*79123456789",
        "tel:79123456789",
        "79123456789\n",
        "7912\t3456789",
        "7912\u00a03456789",
        "7912\u20113456789",
        "7912\x003456789",
        "７９１２３４５６７８９",
        "٧٩١٢٣٤٥٦٧٨٩",
        "7912345678²",
        "7912345678Ⅸ",
        "79123456789e1",
        "7912345.6789e",
        "_79123456789",
        "7_9123456789",
    ],
    ids=ascii,
)
def test_a_phone_with_anything_else_is_none(text: str) -> None:
    """R15.4: ASCII digits and the six that are stripped, nothing else."""
    assert normal_form(text) is None


@given(st.text(st.sampled_from("0123456789" + STRIPPED + "a٣²\n"), max_size=24))
def test_the_normal_form_is_what_the_rule_says(text: str) -> None:
    """R15.4, said again with a regular expression."""
    digits = re.sub(r"[-+ .()]", "", text)

    assert normal_form(text) == (digits if re.fullmatch(r"[0-9]{5,15}", digits) else None)


@given(st.text("0123456789", min_size=5, max_size=15))
def test_a_normal_form_is_its_own_normal_form(digits: str) -> None:
    """R15.4: those digits are shown everywhere, and can be given back."""
    assert normal_form(digits) == digits


# --- zones of a number -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("4930123456", {"Europe/Berlin"}),
        ("9779841234567", {"Asia/Kathmandu"}),
        ("81312345678", {"Asia/Tokyo"}),
        ("12122345678", {"America/New_York"}),
        ("9991112223330", set()),
        ("00000", set()),
        ("12345", set()),
    ],
)
def test_zones_of_a_number(digits: str, expected: set[str]) -> None:
    """R2.6: one zone, or none where the number is not recognised, as that of the API page."""
    assert zones(ZoneFinder(), digits) == expected


def test_a_number_may_lie_in_several_zones() -> None:
    """R2.6: a Russian mobile number tells the country alone."""
    found = zones(ZoneFinder(), "79123456789")

    assert found >= {"Europe/Moscow", "Asia/Yekaterinburg", "Asia/Vladivostok"}
    assert len(found) > 10


def test_links_to_one_zone_count_once() -> None:
    """R2.6: the library gives a British mobile number four ids, of which three are links to the other."""
    names = phonenumbers.timezone.time_zones_for_number(phonenumbers.parse("+447911123456"))
    (zone,) = ZoneFinder().zones_of("447911123456")

    assert len(names) > 1
    assert LINKS.get(zone.name, zone.name) == "Europe/London"


def test_the_zones_come_in_order_of_their_names() -> None:
    """R8.5: nothing depends on the order of a set."""
    names = [zone.name for zone in ZoneFinder().zones_of("79123456789")]

    assert names == sorted(names)


@pytest.mark.parametrize("country", EXAMPLES)
def test_numbers_that_differ_in_their_last_digits_alone_have_the_zones_that_a_look_up_gives(country: str) -> None:
    """R2.6: a memo by prefix must not be seen; each kind of number, with and without its trunk prefix, and near it."""
    luck = random.Random(country)
    finder = ZoneFinder()
    for trunk, digits in EXAMPLES[country]:
        for prefix in (country, country + trunk):
            kept = digits[: luck.randint(0, len(digits))]
            for start in (digits, kept + "".join(luck.choices("0123456789", k=len(digits) - len(kept)))):
                whole = (prefix + start)[:MAX_DIGITS]
                free = max(0, len(whole) - prefix_length(whole))
                ends = ["".join(luck.choices("0123456789", k=free)) for _ in range(3)]
                for each in (whole, *(whole[: len(whole) - free] + end for end in ends)):
                    assert zones(finder, each) == zones_without_memo(each), each


@st.composite
def pairs(draw: st.DrawFn) -> tuple[str, str]:
    """Two numbers of one length that begin alike, the first as some country's plan has it."""
    country, pattern = draw(st.sampled_from(PATTERNS))
    digits = draw(st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True, alphabet="0123456789"))
    one = (country + digits)[:MAX_DIGITS]
    free = max(0, len(one) - prefix_length(one))
    end = draw(st.text("0123456789", min_size=free, max_size=free))
    return one, one[: len(one) - free] + end


@settings(max_examples=1_000)
@given(pairs())
def test_the_memo_gives_what_a_look_up_gives(pair: tuple[str, str]) -> None:
    """R2.6: over the patterns of all numbering plans, so that their deepest digits are reached."""
    finder = ZoneFinder()
    for digits in pair:
        assert zones(finder, digits) == zones_without_memo(digits)


@given(st.lists(st.text("0123456789", min_size=5, max_size=15), min_size=1, max_size=5))
def test_any_digits_have_the_zones_that_a_look_up_gives(numbers: list[str]) -> None:
    """R2.6: also what no plan has."""
    finder = ZoneFinder()
    for digits in numbers:
        assert zones(finder, digits) == zones_without_memo(digits)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("441800208001111", "441800208001112"),  # the British prefix 18002 0 of text relay, and a Childline of 7 digits
        ("861799953010379", "861799953010080"),  # a Chinese carrier code of five digits
    ],
)
def test_a_long_carrier_prefix_does_not_hide_the_digits_that_decide(one: str, other: str) -> None:
    """R2.6: numbers whose prefixes are equal, and whose zones are not."""
    finder = ZoneFinder()

    assert zones_without_memo(one) != zones_without_memo(other)
    assert [zones(finder, one), zones(finder, other)] == [zones_without_memo(one), zones_without_memo(other)]


# --- what a look-up costs --------------------------------------------------------------------------------------------


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The numbers that were looked up, as they come."""
    numbers: list[str] = []
    look_up = phonenumbers.timezone.time_zones_for_number

    def counted(number: phonenumbers.PhoneNumber) -> tuple[str, ...]:
        numbers.append(f"{number.country_code}{number.national_number}")
        return look_up(number)

    monkeypatch.setattr(phonenumbers.timezone, "time_zones_for_number", counted)
    return numbers


def test_equal_prefixes_are_looked_up_once(looked_up: list[str]) -> None:
    """R2.6: a thousand numbers of ten prefixes."""
    finder = ZoneFinder()
    numbers = [f"493012345{prefix}{end:05d}" for prefix in range(10) for end in range(100)]
    found = {zones(finder, digits).pop() for digits in numbers}

    assert found == {"Europe/Berlin"}
    assert len(looked_up) == len({digits[: prefix_length(digits)] for digits in numbers}) < len(numbers)


def test_numbers_of_other_lengths_are_looked_up_apart(looked_up: list[str]) -> None:
    """R2.6: the length decides too."""
    finder = ZoneFinder()
    for digits in ("4930123456789", "493012345678", "4930123456789"):
        finder.zones_of(digits)

    assert looked_up == ["4930123456789", "493012345678"]


def test_only_numbers_without_a_zone_are_looked_up(looked_up: list[str]) -> None:
    """R2.6."""
    numbers = [{"phone": f"8131234567{end}", "gmtZone": zone} for end, zone in enumerate(["Z", None, "+1"])]
    read_request(json.dumps(numbers), Campaign())

    assert looked_up == ["81312345671"]


def test_nothing_is_looked_up_where_the_campaign_does_not_detect_zones(looked_up: list[str]) -> None:
    """R2.6: `detectTimeZone`."""
    read_request('[{"phone": "4930123456"}]', Campaign(detect_zone=False))

    assert looked_up == []


def test_the_numbers_of_one_request_share_their_look_ups(looked_up: list[str]) -> None:
    """R2.6: equal prefixes once."""
    numbers = [{"phone": f"49301234567{end:02d}"} for end in range(100)]
    read_request(json.dumps(numbers), Campaign())

    assert len(looked_up) == len({number["phone"][: prefix_length("49")] for number in numbers})


def test_the_metadata_is_loaded_by_the_first_look_up_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """R2.6: megabytes, for those who need them."""
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    finder = ZoneFinder()

    with pytest.raises(ImportError):
        finder.zones_of("4930123456")
