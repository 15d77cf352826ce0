"""gmtZone texts, the zones that they name, and a zone's runs of constant offset."""

from __future__ import annotations

import builtins
import importlib
import io
import os
import pickle
import struct
import zoneinfo
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import given, strategies as st

from scheduler.policy.errors import Flaw, PolicyError
from scheduler.policy.zones import Zone, canonical_id, parse_zone, tzdata_version, zone_ids
from tests.oracles import offset_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

ROWS = [line.split("\t") for line in (Path(__file__).parent / "data" / "zones.tsv").read_text("ascii").splitlines()]
JANUARY_MS, JULY_MS = 1_768_478_400_000, 1_784_116_800_000  # noon UTC of the 15th, 2026
FIRST_S, LAST_S = 0, 2_145_916_800  # 1970 to 2037
FIRST_MS, LAST_MS = FIRST_S * 1000, LAST_S * 1000
DAY_MS = 86_400_000
PREFIXES = ("", "UTC", "GMT", "UT")
GOOD_FORMS = ("{h:02}", "{h:02}{m:02}", "{h:02}:{m:02}", "{h:02}{m:02}{s:02}", "{h:02}:{m:02}:{s:02}")


# --- what the database says, without the product ---------------------------------------------------------------------


def zone_bytes(zone_id: str) -> bytes:
    """The file of an id in the pinned database."""
    return files("tzdata").joinpath("zoneinfo", *zone_id.split("/")).read_bytes()


@cache
def ids() -> tuple[str, ...]:
    """The ids of the pinned database, without the two that name no place."""
    machine = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(())
    try:
        return tuple(sorted(zoneinfo.available_timezones() - {"localtime", "Factory"}))
    finally:
        zoneinfo.reset_tzpath(machine)


@cache
def clocks() -> tuple[str, ...]:
    """One id for each file of the database that differs from the others: links have the bytes of their zone."""
    return tuple({zone_bytes(zone_id): zone_id for zone_id in ids()}.values())


def listed_changes(zone_id: str) -> Sequence[int]:
    """The seconds at which a zone's file lists a change: its second block, in 64 bits (RFC 8536)."""
    data, header = zone_bytes(zone_id), struct.Struct(">20x6L")
    utc, standard, leaps, times, types, letters = header.unpack_from(data)
    second_block = header.size + times * 5 + types * 6 + letters + leaps * 8 + standard + utc
    times = header.unpack_from(data, second_block)[3]
    return struct.unpack_from(f">{times}q", data, second_block + header.size)


def bisected(zone_id: str, before: int, after: int) -> int:
    """The second in (before, after] at which the one change between them takes place."""
    wanted = offset_seconds(zone_id, after * 1000)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (before, middle) if offset_seconds(zone_id, middle * 1000) == wanted else (middle, after)
    return after


@cache
def changes(zone_id: str) -> tuple[int, ...]:
    """The milliseconds from 1970 to 2037 at which the offset changes.

    The file lists them one by one up to a year; from there its rule makes two a year, which a look each 20 days finds.
    """
    listed = {near for second in listed_changes(zone_id) for near in (second - 1, second)}
    seconds = sorted(
        {second for second in listed if FIRST_S < second < LAST_S} | {*range(FIRST_S, LAST_S, 20 * 86_400)}
    )
    seen = [(second, offset_seconds(zone_id, second * 1000)) for second in seconds]
    return tuple(
        bisected(zone_id, before, after) * 1000
        for (before, offset), (after, new_offset) in pairwise(seen)
        if offset != new_offset
    )


def refusal(text: str) -> Flaw:
    """The one flaw for which a text is refused."""
    with pytest.raises(PolicyError) as caught:
        parse_zone(text)
    (flaw,) = caught.value.flaws
    return flaw


# --- texts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("escaped", "verdict"), ROWS, ids=[row[0] for row in ROWS])
def test_each_listed_text_is_refused_or_has_its_offsets_in_january_and_july(escaped: str, verdict: str) -> None:
    """R2.1-R2.5: the shared list of cases."""
    text = escaped.encode("ascii").decode("unicode_escape")
    if verdict == "no":
        assert refusal(text).type == "phone.gmtZone.bad.format"
    else:
        zone = parse_zone(text)

        assert f"ok {zone.offset_s(JANUARY_MS)} {zone.offset_s(JULY_MS)}" == verdict


@pytest.mark.parametrize("text", ["Z", "UTC", "GMT", "UT"])
def test_the_names_of_utc_are_utc(text: str) -> None:
    """R2.1."""
    assert parse_zone(text).offset_s(JULY_MS) == 0


@given(
    prefix=st.sampled_from(PREFIXES),
    sign=st.sampled_from("+-"),
    form=st.sampled_from(GOOD_FORMS),
    h=st.integers(0, 20),
    m=st.integers(0, 61) | st.just(0),
    s=st.integers(0, 61) | st.just(0),
)
def test_an_offset_is_accepted_up_to_18_hours_and_59_minutes_and_seconds(
    prefix: str, sign: str, form: str, h: int, m: int, s: int
) -> None:
    """R2.1, R2.2, R2.3: every form, either sign, behind every prefix."""
    text = prefix + sign + form.format(h=h, m=m, s=s)
    m, s = m if "{m" in form else 0, s if "{s" in form else 0
    seconds = h * 3600 + m * 60 + s
    if seconds <= 18 * 3600 and max(m, s) <= 59:
        zone = parse_zone(text)

        assert zone.offset_s(JULY_MS) == offset_seconds(text, JULY_MS) == (-seconds if sign == "-" else seconds)
    else:
        assert refusal(text).type == "phone.gmtZone.bad.format"


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("hour", range(10))
def test_a_single_digit_hour_is_taken_with_both_signs(prefix: str, hour: int) -> None:
    """R2.2."""
    ahead, behind = parse_zone(f"{prefix}+{hour}"), parse_zone(f"{prefix}-{hour}")

    assert (ahead.offset_s(0), behind.offset_s(0)) == (hour * 3600, -hour * 3600)


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    "offset",
    [
        *("5:30", "530", "5:30:15", "53015", "05:3015", "0530:15", "05:", "05:30:", ":30", "05:3", "05:30:1"),
        *("05303", "005", "005:30", "05.30", "05 30", "05:30 ", " 05", "", "+5", "05:30Z", "1e1", "5h", "٠٥", "０５"),
        *(
            "19",
            "1900",
            "18:00:01",
            "180001",
            "18:01",
            "1801",
            "23:59",
            "24",
            "24:00",
            "99",
            "05:60",
            "0560",
            "05:30:60",
        ),
    ],
)
def test_a_malformed_offset_is_refused(prefix: str, offset: str) -> None:
    """R2.2: nothing behind a single digit, separators all or none, 18:00:00 at most, ASCII digits."""
    assert {refusal(f"{prefix}{sign}{offset}").type for sign in "+-"} == {"phone.gmtZone.bad.format"}


def test_the_sign_is_the_iso_sign() -> None:
    """R2.3: GMT-05:00 is behind UTC; the id Etc/GMT+5 is behind too, by the database's own rule."""
    zones = [parse_zone(text) for text in ("GMT-05:00", "UTC-5", "-0500", "Etc/GMT+5")]

    assert [zone.offset_s(JANUARY_MS) for zone in zones] == [-18_000] * 4


@pytest.mark.parametrize("text", ["z", "utc", "Utc", "gmt", "ut", "europe/Moscow", "Europe/moscow", "etc/gmt+5", "est"])
def test_texts_are_case_sensitive(text: str) -> None:
    """R2.1."""
    assert refusal(text).type == "phone.gmtZone.bad.format"


@pytest.mark.parametrize(
    "text", [" UTC", "UTC ", "UTC +5", "UTC+5\n", "Z\n", "+05:00\n", "Europe/Moscow\n", "\tZ", "- 5"]
)
def test_blanks_are_refused(text: str) -> None:
    """R2.1: no spaces, and no line end either."""
    assert refusal(text).type == "phone.gmtZone.bad.format"


def test_every_id_of_the_database_is_accepted() -> None:
    """R2.4."""
    assert zone_ids() == set(ids())
    assert [parse_zone(zone_id).name for zone_id in ids()] == list(ids())


@pytest.mark.parametrize("text", ["Factory", "localtime", "posixrules", "posix/Europe/Moscow", "right/Europe/Moscow"])
def test_names_of_files_that_are_no_places_are_refused(text: str) -> None:
    """R2.4."""
    assert refusal(text).type == "phone.gmtZone.bad.format"


HOSTILE = {
    "climbs": "../etc/passwd",
    "climbs from a folder": "Europe/../../../../../../etc/passwd",
    "comes back": "Europe/../Europe/Moscow",
    "here": "./Europe/Moscow",
    "absolute": "/etc/passwd",
    "absolute id": "/usr/share/zoneinfo/Europe/Moscow",
    "folder": "Europe",
    "folder with slash": "America/Argentina/",
    "two slashes": "Europe//Moscow",
    "backslash": "Europe\\Moscow",
    "drive": "C:\\Windows\\win.ini",
    "table": "zone1970.tab",
    "source": "tzdata.zi",
    "module": "__init__.py",
    "NUL": "\0",
    "NUL behind an id": "Europe/Moscow\0",
    "NUL and a path": "Europe/Moscow\0/../../etc/passwd",
    "surrogate": "\ud800",
    "dots": "..",
    "root": "/",
    "empty": "",
    "very long": "A" * 1_000_000,
    "very long path": "a/" * 200_000,
    "very long climb": "../" * 100_000 + "etc/passwd",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_refused_in_one_short_line_and_touches_no_file(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R2.4: a text that is not an id is never used as a path."""

    def touched(*arguments: object, **_: object) -> NoReturn:
        raise AssertionError(arguments)

    refusal("warm the lists of names")
    with monkeypatch.context() as patch:
        for module, name in [(builtins, "open"), (io, "open"), (os, "open"), (os, "stat"), (os, "scandir")]:
            patch.setattr(module, name, touched)
        flaw = refusal(text)

    assert flaw.type == "phone.gmtZone.bad.format"
    assert flaw.message.isprintable()
    assert len(flaw.message) < 400


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("europe/moscow", "Europe/Moscow"),
        ("EUROPE/MOSCOW", "Europe/Moscow"),
        ("Moscow", "Europe/Moscow"),
        ("moscow", "Europe/Moscow"),
        ("Europe/Moskow", "Europe/Moscow"),
        ("New York", "America/New_York"),
        ("America/New York", "America/New_York"),
        (" Europe/Berlin", "Europe/Berlin"),
    ],
)
def test_a_refusal_names_the_id_that_was_meant(text: str, meant: str) -> None:
    """R2.5."""
    assert f"did you mean {meant}?" in refusal(text).message


@pytest.mark.parametrize("text", ["qqqq", "MSK+3", "", "12345", "Atlantis/Poseidonis"])
def test_a_refusal_of_what_is_near_no_id_names_none(text: str) -> None:
    """R2.5."""
    assert "did you mean" not in refusal(text).message


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("GMT+5:30", "GMT+05:30"),
        ("GMT-0:30", "GMT-00:30"),
        ("UTC+5:30", "UTC+05:30"),
        ("+5:30", "+05:30"),
        ("-530", "-05:30"),
        ("+ 5", "+05:00"),
        ("\N{MINUS SIGN}05:00", "-05:00"),
    ],
)
def test_a_refusal_of_a_malformed_offset_names_the_offset_that_was_meant(text: str, meant: str) -> None:
    """R2.5: whoever writes GMT+5:30 means an offset, and not the id GMT+0."""
    assert f"did you mean {meant}?" in refusal(text).message
    assert parse_zone(meant).name == meant


@pytest.mark.parametrize("text", ["GMT+05:60", "UT-1845", "+19", "-99:00"])
def test_a_refusal_of_an_impossible_offset_names_none(text: str) -> None:
    """R2.5: nobody knows what was meant."""
    assert "did you mean" not in refusal(text).message


@pytest.mark.parametrize("text", ["moscow", "qqqq", "+25"])
def test_a_refusal_gives_the_accepted_forms(text: str) -> None:
    """R2.5, R15.1."""
    message = refusal(text).message

    assert f'"{text}"' in message
    assert all(form in message for form in ("Z", "+05:30", "-0500", "UTC", "GMT", "UT", "IANA"))


def test_suggestions_can_be_left_out() -> None:
    """R2.5: the search takes time, and a list of many bad zones need not pay it for each."""
    with pytest.raises(PolicyError) as caught:
        parse_zone("moscow", suggest=False)

    assert "did you mean" not in caught.value.flaws[0].message


# --- the value -------------------------------------------------------------------------------------------------------


def test_zones_of_one_name_are_equal_and_hash_alike() -> None:
    """R2.4: a zone is a value."""
    one, other = Zone("Europe/Berlin"), parse_zone("Europe/Berlin")

    assert one == other
    assert hash(one) == hash(other)
    assert len({one, other, parse_zone("Europe/Paris"), parse_zone("+01:00")}) == 3


def test_a_zone_equals_nothing_but_a_zone_of_its_name() -> None:
    """R2.4."""
    berlin = parse_zone("Europe/Berlin")

    assert berlin != parse_zone("Europe/Busingen")
    assert berlin != "Europe/Berlin"


@pytest.mark.parametrize("text", ["Europe/Berlin", "Etc/GMT+5", "Z", "GMT-05:00", "+00:30:15"])
def test_a_pickled_zone_comes_back_as_the_same_zone(text: str) -> None:
    """R2.4: zones travel to the workers of a plan, also once they have been used."""
    zone = parse_zone(text)
    runs = list(zone.runs(JANUARY_MS, JULY_MS))
    copy = pickle.loads(pickle.dumps(zone))

    assert (copy, copy.name, list(copy.runs(JANUARY_MS, JULY_MS))) == (zone, text, runs)


def test_an_id_that_is_a_link_has_the_id_of_its_zone() -> None:
    """R2.6: ids that are links to one zone count once."""
    texts = ("W-SU", "Europe/Moscow", "US/Eastern", "Asia/Calcutta", "Zulu")

    assert [canonical_id(text) for text in texts] == [
        *("Europe/Moscow", "Europe/Moscow", "America/New_York", "Asia/Kolkata", "Etc/UTC"),
    ]


def test_each_canonical_id_is_an_id_its_own_canonical_and_has_the_clock_of_its_links() -> None:
    """R2.6."""
    wrong = [
        (zone_id, canonical)
        for zone_id in ids()
        if (canonical := canonical_id(zone_id)) not in ids()
        or canonical_id(canonical) != canonical
        or zone_bytes(canonical) != zone_bytes(zone_id)
    ]

    assert wrong == []


def test_zones_whose_clocks_agree_by_definition_have_equal_rules() -> None:
    """R2.6: links of one zone, and offsets of one length."""
    assert parse_zone("W-SU").rules == parse_zone("Europe/Moscow").rules
    assert parse_zone("GMT-05:00").rules == parse_zone("-5").rules
    assert parse_zone("Z").rules == parse_zone("UTC+00:00").rules
    assert parse_zone("Europe/Berlin").rules != parse_zone("Europe/Paris").rules


def test_the_database_is_the_package_and_its_version_is_known() -> None:
    """R2.4."""
    assert tzdata_version() == importlib.import_module("tzdata").IANA_VERSION


def test_the_database_of_the_machine_is_never_read(tmp_path: Path) -> None:
    """R2.4: machines differ by an hour in places; here Berlin is where Tokyo is."""
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe" / "Berlin").write_bytes(zone_bytes("Asia/Tokyo"))
    machine = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([str(tmp_path)])
    try:
        offset = Zone("Europe/Berlin").offset_s(JANUARY_MS)
    finally:
        zoneinfo.reset_tzpath(machine)

    assert offset == 3600


# --- offsets and runs ------------------------------------------------------------------------------------------------


def test_every_id_has_the_offsets_of_its_file() -> None:
    """R2.4: links too, in January and July of each third year from 1901."""
    instants = [JANUARY_MS + months * 182 * DAY_MS for months in range(-250, 30, 3)]
    wrong = [
        (zone_id, instant)
        for zone_id in ids()
        for instant in instants
        if parse_zone(zone_id).offset_s(instant) != offset_seconds(zone_id, instant)
    ]

    assert wrong == []


def test_runs_begin_at_every_change_of_every_zone_and_nowhere_else() -> None:
    """R4.1: runs of constant offset are what a calendar is made of; 1970 to 2037."""
    wrong = {
        zone_id: difference
        for zone_id in clocks()
        if (
            difference := {run[0] for run in parse_zone(zone_id).runs(FIRST_MS, LAST_MS)}
            ^ {FIRST_MS, *changes(zone_id)}
        )
    }

    assert wrong == {}


def test_runs_of_every_zone_cover_the_span_without_a_gap_and_differ_from_their_neighbours() -> None:
    """R4.1."""
    wrong = []
    for zone_id in clocks():
        runs = list(parse_zone(zone_id).runs(FIRST_MS, LAST_MS))
        joints = all(one[1] == next_[0] and one[2] != next_[2] for one, next_ in pairwise(runs))
        if not joints or (runs[0][0], runs[-1][1]) != (FIRST_MS, LAST_MS) or any(run[0] >= run[1] for run in runs):
            wrong.append((zone_id, runs))

    assert wrong == []


def test_runs_of_every_zone_have_the_offset_of_the_wall_clock_around_every_change() -> None:
    """R4.1: at the ends and in the middle of each run too."""
    wrong = [
        (zone_id, instant)
        for zone_id in clocks()
        for begin, end, offset_ms in parse_zone(zone_id).runs(FIRST_MS, LAST_MS)
        for instant in (begin, begin + 1, (begin + end) // 2, end - 1)
        if offset_ms != offset_seconds(zone_id, instant) * 1000
    ]

    assert wrong == []


def test_offset_s_is_the_offset_of_the_wall_clock_around_every_change() -> None:
    """R4.1."""
    wrong = [
        (zone_id, instant)
        for zone_id in clocks()
        for change in changes(zone_id)
        for instant in (change - 1000, change - 1, change, change + 1, change + 1000)
        if parse_zone(zone_id).offset_s(instant) != offset_seconds(zone_id, instant)
    ]

    assert wrong == []


@given(st.data())
def test_runs_of_a_part_are_the_part_of_the_runs(data: st.DataObject) -> None:
    """R4.1: wherever the span begins and ends, to the millisecond."""
    zone_id = data.draw(st.sampled_from([zone_id for zone_id in clocks() if changes(zone_id)][:60]))
    near = st.sampled_from([change + shift for change in changes(zone_id) for shift in (-1000, -1, 0, 1, 1000)])
    days = st.integers(1, (LAST_MS - FIRST_MS) // DAY_MS - 1).map(lambda day: FIRST_MS + day * DAY_MS)
    start, end = sorted(data.draw(st.sets(near | days, min_size=2, max_size=2)))
    whole = parse_zone(zone_id).runs(FIRST_MS, LAST_MS)
    parts = [
        (max(begin, start), min(stop, end), offset) for begin, stop, offset in whole if begin < end and stop > start
    ]

    assert list(Zone(zone_id).runs(start, end)) == parts


def test_a_fixed_offset_is_one_run() -> None:
    """R2.2."""
    assert list(parse_zone("-05:30").runs(FIRST_MS, LAST_MS)) == [(FIRST_MS, LAST_MS, -19_800_000)]


def test_the_day_that_apia_skips_is_one_change_of_a_day() -> None:
    """R4.3: 2011-12-30 does not exist in Pacific/Apia."""
    change = 1_325_239_200_000  # 2011-12-30T10:00Z
    runs = list(parse_zone("Pacific/Apia").runs(change - DAY_MS, change + DAY_MS))

    assert runs == [(change - DAY_MS, change, -36_000_000), (change, change + DAY_MS, 50_400_000)]


def test_no_zone_fails_at_the_ends_of_time() -> None:
    """R5.1: years 1 to 9999, whose local clocks may lie outside of them; the offset stays within a day."""
    first_ms, last_ms = -62_135_596_800_000, 253_402_300_799_999
    offsets = {Zone(zone_id).offset_s(ms) for zone_id in ids() for ms in (first_ms, first_ms + 1, last_ms - 1, last_ms)}
    runs = [list(Zone("America/New_York").runs(ms, ms + 999)) for ms in (first_ms, last_ms - 999)]

    assert max(map(abs, offsets)) < 86_400
    assert [len(each) for each in runs] == [1, 1]
