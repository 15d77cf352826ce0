"""Instants in text: what is accepted, what is refused, and that reading and writing are inverse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pendulum
import pytest
from hypothesis import given, strategies as st

from scheduler.policy.errors import Flaw, PolicyError
from scheduler.policy.instants import format_instant, format_offset, instant_of, parse_instant, parse_moment
from tests.strategies import plain_id

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
NINE_MS = 1_772_442_000_000  # 2026-03-02T09:00:00Z
DAY_MS = 86_400_000
FIRST_MS, LAST_MS = -62_135_596_800_000, 253_402_300_799_999  # years 1 to 9999


def offsets() -> st.SearchStrategy[timezone]:
    """Every offset that the text of an instant can have."""
    return st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def moments() -> st.SearchStrategy[datetime]:
    """Datetimes of the years 1 to 9999 that know their offset."""
    return st.builds(datetime.replace, st.datetimes(), tzinfo=offsets())


def since_epoch(value: datetime) -> int:
    """Milliseconds, cut."""
    return (value - EPOCH) // MILLISECOND


def refusal(value: object) -> Flaw:
    """The one flaw for which a value is no instant."""
    with pytest.raises(PolicyError) as caught:
        parse_instant(value, ".startDateTime")
    (flaw,) = caught.value.flaws
    return flaw


def moment_refusal(value: object) -> Flaw:
    """The one flaw for which a value is no moment."""
    with pytest.raises(PolicyError) as caught:
        parse_moment(value, "--now")  # type: ignore[arg-type]
    (flaw,) = caught.value.flaws
    return flaw


# --- reading ---------------------------------------------------------------------------------------------------------


@given(
    moments(), st.sampled_from("T "), st.sampled_from(["auto", "microseconds", "milliseconds", "seconds", "minutes"])
)
def test_what_a_datetime_writes_is_read_as_that_datetime(value: datetime, separator: str, spec: str) -> None:
    """R5.1: `T` or a blank, seconds and fraction optional."""
    text = value.isoformat(separator, spec)

    assert parse_instant(text) == (since_epoch(datetime.fromisoformat(text)), False)


@given(moments())
def test_an_offset_may_lack_its_colon(value: datetime) -> None:
    """R5.1: `±hhmm`."""
    text = value.isoformat()
    bare = text[:-3] + text[-2:]

    assert parse_instant(bare) == (since_epoch(value), False)


@given(st.datetimes())
def test_without_an_offset_an_instant_is_utc_and_known_to_be_naive(value: datetime) -> None:
    """R5.1."""
    aware = since_epoch(value.replace(tzinfo=UTC))

    assert parse_instant(value.isoformat()) == (aware, True)
    assert parse_instant(value.isoformat() + "Z") == (aware, False)


@given(st.datetimes(), st.text("0123456789", min_size=1, max_size=30))
def test_a_fraction_of_any_length_is_cut_to_milliseconds(value: datetime, digits: str) -> None:
    """R5.1: cut, and never rounded."""
    text = value.isoformat(timespec="seconds")
    whole_ms = parse_instant(f"{text}Z").ms

    assert parse_instant(f"{text}.{digits}Z").ms - whole_ms == int(f"{digits}00"[:3])


LOOSE = (
    r"[0-9]{4}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9](:[0-6][0-9](\.[0-9]{1,9})?)?"
    r"(Z|[+-][0-2][0-9]:?[0-6][0-9])?"
)


@given(st.from_regex(LOOSE, fullmatch=True))
def test_what_is_accepted_means_what_the_standard_library_reads(text: str) -> None:
    """R5.1: whatever is not refused has one meaning."""
    try:
        instant = parse_instant(text)
    except PolicyError:
        return  # refused, and perhaps a date after all: the tests above say what has to be accepted
    value = datetime.fromisoformat(text)

    assert instant == (since_epoch(value if value.tzinfo else value.replace(tzinfo=UTC)), value.tzinfo is None)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2026-03-02T09:00:00Z", NINE_MS),
        ("2026-03-02 09:00Z", NINE_MS),
        ("2026-03-02T09:00", NINE_MS),
        ("2026-03-02T04:00:00-05:00", NINE_MS),
        ("2026-03-02T14:30+0530", NINE_MS),
        ("2026-03-02T09:00:00+00:00", NINE_MS),
        ("2026-03-02T09:00:00-00:00", NINE_MS),
        ("2026-03-03T08:59:00+23:59", NINE_MS),
        ("2026-03-02T09:00:00.0019Z", NINE_MS + 1),
        ("2026-03-02T09:00:00.9Z", NINE_MS + 900),
        ("2026-03-02T09:00:00.99999999999999999999Z", NINE_MS + 999),
        ("1969-12-31T23:59:59.9999Z", -1),
        ("2024-02-29T00:00Z", 1_709_164_800_000),
        ("0001-01-01T00:00:00Z", FIRST_MS),
        ("9999-12-31T23:59:59.999Z", LAST_MS),
    ],
)
def test_an_instant_is_accepted(text: str, ms: int) -> None:
    """R5.1: years 1 to 9999."""
    assert parse_instant(text).ms == ms


REFUSED = {
    "bare date": ["2026-03-02", "2026-03-02Z", "2026-03-02T", "20260302"],
    "compact": ["20260302T090000Z", "2026-03-02T0900Z", "2026-03-02T090000Z", "20260302T09:00Z"],
    "week date": ["2026-W10", "2026-W10-1", "2026-W10-1T09:00Z", "2026W101T09:00Z"],
    "ordinal date": ["2026-061", "2026-061T09:00Z", "2026061T09:00Z"],
    "hour of 24": ["2026-03-02T24:00Z", "2026-03-02T24:00:00Z", "2026-03-02T24:00:00.000Z", "2026-03-02T25:00Z"],
    "sixty": ["2026-03-02T09:60Z", "2026-03-02T09:59:60Z", "2016-12-31T23:59:60Z", "2026-03-02T09:00:60"],
    "bad offset": ["2026-03-02T09:00+05", "2026-03-02T09:00-5", "2026-03-02T09:00+5:00", "2026-03-02T09:00+24:00"],
    "worse offset": ["2026-03-02T09:00+03:60", "2026-03-02T09:00+05:30:15", "2026-03-02T09:00+", "2026-03-02T09:00 Z"],
    "named zone": [
        "2026-03-02T09:00UTC",
        "2026-03-02T09:00 EST",
        "2026-03-02T09:00Z[Europe/Berlin]",
        "2026-03-02T09:00ZZ",
    ],
    "lower case": ["2026-03-02t09:00Z", "2026-03-02T09:00z", "2026-03-02t09:00:00z"],
    "separator": [
        "2026-03-02_09:00Z",
        "2026-03-02  09:00Z",
        "2026-03-0209:00Z",
        "2026/03/02T09:00Z",
        "2026-03-02T09.00Z",
    ],
    "blank": [
        " 2026-03-02T09:00Z",
        "2026-03-02T09:00Z ",
        "2026-03-02T09:00Z\n",
        "2026-03-02\n09:00Z",
        "2026-03-02\u00a009:00Z",
    ],
    "digits": ["２０２６-03-02T09:00Z", "2026-03-02T٠٩:00Z", "2026-03-02T09:00+٠٥:00", "2026-03-02T09:00:00.٥Z"],
    "no such date": [
        "2026-02-29T09:00Z",
        "2026-13-01T09:00Z",
        "2026-00-01T09:00Z",
        "2026-04-31T09:00Z",
        "2026-03-00T09:00Z",
    ],
    "year": ["0000-01-01T00:00Z", "10000-01-01T00:00Z", "+2026-03-02T09:00Z", "-2026-03-02T09:00Z", "26-03-02T09:00Z"],
    "fraction": ["2026-03-02T09:00.5Z", "2026-03-02T09.5Z", "2026-03-02T09:00:00.Z", "2026-03-02T09:00:00,5Z"],
    "short": [
        "2026-3-2T09:00Z",
        "2026-03-02T9:00Z",
        "2026-03-02T09:0Z",
        "2026-03-02T09:00:0Z",
        "2026-03T09:00Z",
        "2026-03-02T09Z",
    ],
    "words": [
        "now",
        "today",
        "15:00",
        "P1D",
        "2026",
        "12345678",
        "",
        "\0",
        "2026-03-02T09:00Z\0",
        "\ud800",
        "x" * 100_000,
    ],
}


@pytest.mark.parametrize("text", [text for texts in REFUSED.values() for text in texts], ids=plain_id)
def test_a_text_that_is_no_instant_is_refused(text: str) -> None:
    """R5.1: at its path, with one short line that shows how to write it."""
    flaw = refusal(text)

    assert (flaw.type, flaw.path) == ("invalid.call.dates", ".startDateTime")
    assert "2026-03-02T09:00:00Z" in flaw.message
    assert flaw.message.isprintable()
    assert len(flaw.message) < 200


@pytest.mark.parametrize(
    "value", [None, True, 0, NINE_MS, 1.5, b"2026-03-02T09:00Z", ["2026-03-02T09:00Z"], {}], ids=repr
)
def test_what_is_no_text_is_no_instant(value: object) -> None:
    """R5.1, R15.6."""
    assert refusal(value).type == "invalid.call.dates"


# --- writing ---------------------------------------------------------------------------------------------------------


@given(st.integers(FIRST_MS, LAST_MS) | st.datetimes().map(lambda value: since_epoch(value.replace(tzinfo=UTC))))
def test_writing_and_reading_are_inverse(ms: int) -> None:
    """R1.1, R5.1."""
    assert parse_instant(format_instant(ms)) == (ms, False)


@given(st.integers(FIRST_MS + DAY_MS, LAST_MS - DAY_MS), st.integers(-86_399, 86_399))
def test_an_instant_on_a_clock_is_what_the_standard_library_writes(ms: int, offset_s: int) -> None:
    """R1.1: with the offset, to the second where it has seconds; a fraction only where there is one."""
    clock = timezone(timedelta(seconds=offset_s))
    value = (EPOCH + ms * MILLISECOND).astimezone(clock)

    assert format_instant(ms, offset_s, zulu=False) == value.isoformat(
        timespec="milliseconds" if ms % 1000 else "seconds"
    )


def test_utc_is_written_z_or_as_an_offset() -> None:
    """R5.1."""
    assert format_instant(NINE_MS) == "2026-03-02T09:00:00Z"
    assert format_instant(NINE_MS, zulu=False) == "2026-03-02T09:00:00+00:00"
    assert format_instant(NINE_MS + 5, 19_800) == "2026-03-02T14:30:00.005+05:30"
    assert format_instant(FIRST_MS) == "0001-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("offset_s", "text"),
    [
        (0, "+00:00"),
        (-18_000, "-05:00"),
        (-1, "-00:00:01"),
        (1815, "+00:30:15"),
        (64_800, "+18:00"),
        (-12_600, "-03:30"),
    ],
)
def test_an_offset_is_written_with_its_sign(offset_s: int, text: str) -> None:
    """R2.3."""
    assert format_offset(offset_s) == text


# --- moments ---------------------------------------------------------------------------------------------------------


def test_a_bare_date_is_its_midnight_utc() -> None:
    """R5.1 as the command line reads it."""
    assert parse_moment("2026-03-02") == NINE_MS - 9 * 3_600_000


@pytest.mark.parametrize(
    "value", ["2026-03-02T09:00:00Z", "2026-03-02 12:00+0300", "2026-03-02T09:00", NINE_MS], ids=repr
)
def test_a_moment_is_an_instant_in_text_or_in_milliseconds(value: str | int) -> None:
    """R1.1, R5.1."""
    assert parse_moment(value) == NINE_MS


@given(st.integers(FIRST_MS + 2 * DAY_MS, LAST_MS - 2 * DAY_MS), st.integers(0, 999), offsets())
def test_a_datetime_that_knows_its_offset_is_a_moment(ms: int, microseconds: int, offset: timezone) -> None:
    """R1.1: cut to milliseconds."""
    value = (EPOCH + timedelta(milliseconds=ms, microseconds=microseconds)).astimezone(offset)

    assert parse_moment(value) == instant_of(value) == ms


def test_a_datetime_of_pendulum_is_a_moment() -> None:
    """R1.1."""
    assert parse_moment(pendulum.datetime(2026, 3, 2, 10, tz="Europe/Berlin")) == NINE_MS


def test_a_datetime_without_an_offset_names_no_instant() -> None:
    """R1.1."""
    assert moment_refusal(datetime(2026, 3, 2, 9)) == Flaw(  # noqa: DTZ001 - that is the point
        "invalid.call.dates",
        "--now",
        "a datetime without a zone names no instant: 2026-03-02T09:00:00; give it one, such as UTC",
    )


@pytest.mark.parametrize(
    "value", ["2026-02-30", "2026-3-2", "2026-W10-1", "20260302", "2026-03-02\n", True, 1.5, None], ids=plain_id
)
def test_what_is_no_moment_is_refused(value: object) -> None:
    """R5.1: true is no number of milliseconds either."""
    flaw = moment_refusal(value)

    assert (flaw.type, flaw.path) == ("invalid.call.dates", "--now")


@pytest.mark.parametrize("value", ["0001-01-02", "9999-12-31", FIRST_MS + DAY_MS, -1, 0])
def test_a_moment_that_every_zone_can_write_is_accepted(value: str | int) -> None:
    """R5.1."""
    ms = parse_moment(value)

    assert format_instant(ms, -86_399, zulu=False) < format_instant(ms, 86_399, zulu=False)


@pytest.mark.parametrize("value", ["0001-01-01", "9999-12-31T23:59:59Z", FIRST_MS, LAST_MS, 10**30, -(10**30)])
def test_a_moment_that_some_zone_could_not_write_is_refused(value: str | int) -> None:
    """R5.1: a local clock is up to a day away from UTC, and has years 1 to 9999."""
    assert moment_refusal(value).type == "invalid.call.dates"


def test_a_clock_that_would_leave_the_calendar_stops_at_its_end() -> None:
    """R5.1: years 1 to 9999: a finish on the last day of all is late on a clock ahead of UTC."""
    last = parse_instant("9999-12-31T23:59:59Z").ms
    first = parse_instant("0001-01-01T00:00:00Z").ms

    assert format_instant(last, 10_800) == "9999-12-31T23:59:59.999+03:00"
    assert format_instant(last) == "9999-12-31T23:59:59Z"
    assert format_instant(first, -1, zulu=False) == "0001-01-01T00:00:00-00:00:01"
    assert format_instant(parse_instant("0001-01-01T00:00:00+12:00").ms) == "0001-01-01T00:00:00Z"
