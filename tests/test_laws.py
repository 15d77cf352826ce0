"""Which laws bind a number, and on which clocks; what a campaign with laws makes of numbers."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Callable, Mapping
from functools import cache

import phonenumbers
import phonenumbers.timezone
import pytest
from hypothesis import given, settings, strategies as st

from scheduler import Batch, Campaign, read_campaign, read_outcomes, read_request, simulate
from scheduler.intake.laws import LawFinder, agree
from scheduler.intake.phones import HEAD, CountryFinder, ZoneFinder, zones_behind
from scheduler.intake.scenario import read_scenario
from scheduler.jobs import Job, ZoneSource
from scheduler.policy.hours import ALWAYS
from scheduler.policy.laws import LAWS, Law, law_named
from scheduler.policy.zones import parse_zone, tzdata_version
from tests.oracles import offset_seconds
from tests.test_phones import EXAMPLES, LINKS, pairs, zones_without_memo

SHARED = {str(code): regions for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items() if len(regions) > 1}
YEAR = int(tzdata_version()[:4])
GIVEN = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Europe/Moscow", "Z", "-05:00", "+03:00", "Indian/Reunion")
NOW = "2026-03-02T09:00:00Z"


def law(name: str, *places: str) -> Law:
    """A law of some countries, whose hours are of no matter."""
    return Law(name=name, title=name, places=places, scope="", sources=(name,), hours=ALWAYS)


# Laws that tell apart all countries that share a code, beside those that there are.
OWN = tuple(law(f"of-{region}", region) for regions in SHARED.values() for region in regions)
ALL = (*map(law_named, LAWS), *OWN)


# --- oracles ---------------------------------------------------------------------------------------------------------


def region_of(digits: str) -> str | None:
    """The country that the library gives a number that is valid; None for any other."""
    try:
        number = phonenumbers.parse("+" + digits)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.region_code_for_number(number) if phonenumbers.is_valid_number(number) else None


@cache
def shown(zone: str) -> list[int]:
    """How far a zone's clock is ahead of UTC, every six hours of the year of the time zone database."""
    start = int(dt.datetime(YEAR, 1, 1, tzinfo=dt.UTC).timestamp()) * 1000
    return [offset_seconds(zone, start + hours * 3_600_000) for hours in range(0, 365 * 24, 6)]


def stands_for(zone: str, other: str) -> bool:
    """Whether two clocks show the same all year, or one is an offset that the other has at some time."""
    fixed = zone[:1] in "Z+-" or zone.startswith(("UTC", "GMT", "Etc/"))
    return shown(zone) == shown(other) or (fixed and shown(zone)[0] in shown(other))


def binding(digits: str) -> list[Law]:
    """The laws that bind a number whose country is known, as the words say it."""
    region = region_of(digits)
    return [
        each
        for each in ALL
        if region in each.places
        and (not each.area_codes or digits[: 1 + 3] in {"1" + area for area in each.area_codes})
    ]


def parts(legal: object) -> set[tuple[str, str]]:
    """The laws and the zones that a number keeps, by the ids that their ids link to."""
    found = getattr(legal, "parts", ())
    pairs_found = [(part.law.name, LINKS.get(part.zone.name, part.zone.name)) for part in found]
    assert len(set(pairs_found)) == len(pairs_found)
    return set(pairs_found)


def batch(campaign: Campaign, *numbers: Mapping[str, object]) -> Batch:
    """The batch of some numbers."""
    return read_request(json.dumps(numbers), campaign)


def lawful(*laws: str, **keys: object) -> Campaign:
    """A campaign with laws."""
    return read_campaign(json.dumps({"law": laws, **keys}))


def kept(campaign: Campaign, phone: str, **fields: object) -> set[tuple[str, str]]:
    """What a number of a campaign keeps."""
    (job,) = batch(campaign, {"phone": phone, **fields}).jobs
    return parts(job.legal)


# --- countries -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("country", EXAMPLES)
def test_the_country_is_the_one_that_the_library_gives(country: str) -> None:
    """For a number of each kind in each region, and others that begin like it, whatever is asked first."""
    luck = random.Random(country)
    numbers = []
    for _, digits in EXAMPLES[country]:
        numbers.append(country + digits)
        for _ in range(4):
            begin = digits[: luck.randint(0, len(digits))]
            numbers.append(country + begin + "".join(luck.choices("0123456789", k=len(digits) - len(begin))))
    luck.shuffle(numbers)
    finder = CountryFinder()
    for digits in numbers:
        region = region_of(digits)
        if region is not None:
            assert finder.countries_of(digits) == {region}, digits


def test_every_area_code_of_north_america_tells_its_country() -> None:
    """25 countries share +1; the area code tells, and the digit behind it, for each line of it that is valid."""
    luck = random.Random(1)
    finder = CountryFinder()
    known = 0
    for area in range(200, 1000):
        for line in ("2345678", "1445678", *(f"{luck.randint(2, 9)}{luck.randint(0, 999_999):06d}" for _ in range(3))):
            digits = f"1{area}{line}"
            region = region_of(digits)
            if region is not None:
                known += 1
                assert finder.countries_of(digits) == {region}, digits
    assert known > 1_500


@pytest.mark.parametrize("code", SHARED)
def test_what_no_plan_has_may_lie_in_each_country_of_its_code(code: str) -> None:
    """Where the metadata leave several countries open, each counts."""
    luck = random.Random(code)
    finder = CountryFinder()
    seen = 0
    while seen < 20:
        digits = code + "".join(luck.choices("0123456789", k=luck.randint(5, 12)))
        if code == "1":
            digits = "1000" + digits[4:]
        if phonenumbers.region_code_for_number(phonenumbers.parse("+" + digits)) is None:
            seen += 1
            assert finder.countries_of(digits) == set(SHARED[code]), digits


@pytest.mark.parametrize("digits", ["0000000", "0791234567", "21012345678", "9991112223330"])
def test_what_has_no_country_code_is_bound_by_nothing(digits: str) -> None:
    """Not recognised."""
    assert kept(Campaign(laws=ALL), digits) == set()


# --- which laws, and where -------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.lists(st.tuples(pairs(), st.sampled_from((None, *GIVEN))), min_size=1, max_size=4))
def test_each_number_keeps_what_it_would_keep_alone(drawn: list[tuple[tuple[str, str], str | None]]) -> None:
    """Over the patterns of all plans: laws by the country, zones as given or all of the number; no memo is seen."""
    finder = LawFinder(ALL, ZoneFinder())
    for both, zone in drawn:
        for digits in both:
            if region_of(digits) is None:
                continue
            source = ZoneSource.CAMPAIGN if zone is None else ZoneSource.REQUEST
            bound = finder.bound(digits, parse_zone(zone or "Asia/Tokyo"), source)
            zones = zones_without_memo(digits)
            names = {each.name for each in binding(digits)}
            where = {LINKS.get(zone, zone)} if zone else zones or {"Asia/Tokyo"}
            assert parts(bound.legal) == {(name, each) for name in names for each in where}
            wrong = bool(zone and names and zones and not any(stands_for(zone, each) for each in zones))
            assert bool(bound.warnings) is wrong, (digits, zone)


@settings(max_examples=40)
@given(st.lists(pairs(), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_numbers_does_not_matter(drawn: list[tuple[str, str]], luck: random.Random) -> None:
    """Each number keeps the same, whoever was asked for before; also what no plan has."""
    numbers = [digits for both in drawn for digits in both]
    numbers += [digits[: luck.randint(5, len(digits))] for digits in numbers if len(digits) > 5]
    zones = [luck.choice((None, *GIVEN)) for _ in numbers]

    def found(order: list[int]) -> dict[int, tuple[set[tuple[str, str]], int]]:
        finder = LawFinder(ALL, ZoneFinder())
        told = {}
        for place in order:
            zone = zones[place]
            source = ZoneSource.CAMPAIGN if zone is None else ZoneSource.REQUEST
            bound = finder.bound(numbers[place], parse_zone(zone or "Asia/Tokyo"), source)
            told[place] = parts(bound.legal), len(bound.warnings)
        return told

    order = list(range(len(numbers)))
    other = order[:]
    luck.shuffle(other)
    alone = {place: found([place])[place] for place in order}
    assert found(order) == found(other) == alone


@settings(max_examples=40)
@given(st.lists(pairs(), min_size=1, max_size=3), st.booleans())
def test_a_number_that_tells_its_zone_keeps_that(drawn: list[tuple[str, str]], other_first: bool) -> None:
    """R2.6: it is the only one that the number may lie in; also where an equal zone was given before, or is after."""
    finder = LawFinder(ALL, ZoneFinder())
    for both in drawn:
        for digits in both:
            zones = zones_without_memo(digits)
            if region_of(digits) is None or len(zones) != 1:
                continue
            (zone,) = map(parse_zone, zones)
            sources = [ZoneSource.NUMBER, ZoneSource.REQUEST]
            for source in sources[::-1] if other_first else sources:
                bound = finder.bound(digits, zone, source)
                assert parts(bound.legal) == {(each.name, zone.name) for each in binding(digits)}
                assert bound.warnings == ()


def test_every_area_code_of_florida_is_bound_and_no_other() -> None:
    """A place finer than a country is known by the number's area code, otherwise not."""
    campaign = lawful("us-fl", "us-tcpa")
    florida = law_named("us-fl").area_codes
    for area in range(200, 1000):
        names = {name for name, _ in kept(campaign, f"1{area}2345678", gmtZone="America/New_York")}
        assert ("us-fl" in names) is (str(area) in florida), area


@pytest.mark.parametrize(
    ("phone", "names"),
    [
        ("12125550123", {"us-reg-f", "us-tcpa"}),
        ("13055550123", {"us-fl", "us-reg-f", "us-tcpa"}),
        ("17875550123", {"us-reg-f", "us-tcpa"}),
        ("18005550123", {"us-reg-f", "us-tcpa"}),
        ("14165550123", set()),
        ("18765550123", set()),
        ("79123456789", {"ru-230"}),
        ("77012345678", set()),
        ("33123456789", {"fr"}),
        ("262262123456", {"fr"}),
        ("590590123456", {"fr"}),
        ("34912345678", {"es"}),
        ("919876543210", {"in-trai"}),
        ("61291234567", {"au"}),
        ("61891641234", {"au"}),
        ("4930123456", set()),
        ("390669812345", set()),
    ],
)
def test_the_laws_of_some_numbers(phone: str, names: set[str]) -> None:
    """New York, Miami, Puerto Rico, toll-free, Canada, Jamaica, Russia, Kazakhstan, France and Réunion, …"""
    assert {name for name, _ in kept(lawful(*LAWS), phone)} == names


@pytest.mark.parametrize(
    ("given", "other", "expected"),
    [
        ("+03:00", "Europe/Moscow", True),
        ("UTC+3", "Europe/Moscow", True),
        ("Etc/GMT-3", "Europe/Moscow", True),
        ("W-SU", "Europe/Moscow", True),
        ("Europe/Minsk", "Europe/Moscow", True),
        ("+04:00", "Europe/Moscow", False),
        ("+03:00:30", "Europe/Moscow", False),
        ("-05:00", "America/New_York", True),
        ("-04:00", "America/New_York", True),
        ("-06:00", "America/New_York", False),
        ("America/Toronto", "America/New_York", True),
        ("America/Lima", "America/New_York", False),
        ("America/Phoenix", "America/Denver", False),
        ("Europe/Paris", "Europe/Berlin", True),
        ("Z", "Europe/London", True),
        ("Africa/Abidjan", "Europe/London", False),
    ],
)
def test_a_zone_stands_for_another_whose_clock_it_is(given: str, other: str, expected: bool) -> None:
    """What clocks show counts, not names; and an offset that a zone has in some part of the year."""
    assert agree(parse_zone(given), parse_zone(other)) is expected
    assert stands_for(given, other) is expected


@settings(max_examples=30)
@given(st.sampled_from(GIVEN), st.sampled_from(sorted(set(LINKS.values()))))
def test_zones_agree_where_their_clocks_do(given: str, other: str) -> None:
    """Over all zones, by a look at both clocks four times a day."""
    assert agree(parse_zone(given), parse_zone(other)) is stands_for(given, other)


def test_a_zone_that_is_given_is_believed_with_a_warning_if_it_is_none_of_the_numbers() -> None:
    """One warning for all alike numbers."""
    numbers = [{"phone": f"1212555012{end}", "gmtZone": zone} for end, zone in enumerate(["-05:00", "Asia/Tokyo"] * 2)]
    found = batch(lawful("us-tcpa"), *numbers)

    assert [parts(job.legal) for job in found.jobs] == [{("us-tcpa", "-05:00")}, {("us-tcpa", "Asia/Tokyo")}] * 2
    (warning,) = found.warnings
    assert (warning.path, warning.type, warning.count) == ("$[1].gmtZone", "phone.gmtZone.bad.format", 2)
    assert warning.message == (
        "Asia/Tokyo is none of the zones that the number may lie in (America/New_York); laws are kept on its clock"
    )


def test_a_mismatch_names_a_few_of_many_zones() -> None:
    """A Russian mobile number has sixteen."""
    (warning,) = batch(lawful("ru-230"), {"phone": "79123456789", "gmtZone": "-05:00"}).warnings

    assert warning.message.startswith(
        "-05:00 is none of the zones that the number may lie in (Asia/Almaty, Asia/Anadyr, "
    )
    assert " and 12 more); " in warning.message


@pytest.mark.parametrize("zone", ["-05:00", "Asia/Tokyo"])
def test_a_zone_is_not_compared_where_no_law_binds(zone: str) -> None:
    """What no law reads is no matter of laws."""
    assert batch(lawful("fr"), {"phone": "12125550123", "gmtZone": zone}).warnings == ()
    assert batch(Campaign(), {"phone": "12125550123", "gmtZone": zone}).warnings == ()


@pytest.mark.parametrize("keys", [{}, {"timeZone": "Europe/Moscow"}, {"detectTimeZone": False}])
def test_without_a_zone_all_that_the_number_may_lie_in_count(keys: dict[str, object]) -> None:
    """Also where the campaign's zone rules the policy."""
    zones = zones_without_memo("79123456789")

    assert len(zones) > 10
    assert kept(lawful("ru-230", **keys), "79123456789") == {("ru-230", zone) for zone in zones}
    assert kept(lawful("us-tcpa", **keys), "12125550123") == {("us-tcpa", "America/New_York")}


def test_where_no_zone_is_known_the_jobs_own_counts() -> None:
    """A number that no plan has, in a country that has a law."""
    assert zones_without_memo("10005550123") == set()
    assert kept(lawful("us-tcpa", timeZone="Europe/Moscow"), "10005550123") == {("us-tcpa", "Europe/Moscow")}
    assert kept(lawful("us-tcpa"), "10005550123", gmtZone="Asia/Tokyo") == {("us-tcpa", "Asia/Tokyo")}


# --- what jobs keep --------------------------------------------------------------------------------------------------


def test_a_campaign_without_laws_binds_nothing() -> None:
    """The default."""
    assert [job.legal for job in batch(Campaign(), {"phone": "12125550123"}).jobs] == [None]


def test_jobs_of_which_the_laws_say_the_same_share_one_value() -> None:
    """Interned: by the laws and what the clocks are, not by who was asked for."""
    phones = ["12125550123", "16465550123", "13055550123", "13125550123"]
    numbers = [{"phone": phone} for phone in phones] + [{"phone": "12125550124", "gmtZone": "US/Eastern"}]
    first, second, florida, chicago, given = (job.legal for job in batch(lawful("us-tcpa", "us-fl"), *numbers).jobs)

    assert first is second is given
    assert len({id(each) for each in (first, florida, chicago)}) == 3


def test_a_redial_keeps_the_laws_of_its_number() -> None:
    """R10.2: a redial's job is one of the same phone."""
    campaign = lawful("us-tcpa")
    answer = {"outcome": "answered", "redial": {"startAfterMinutes": 60}}
    script = read_outcomes(json.dumps({"jobs": {"0": [answer]}}), campaign)
    jobs = batch(campaign, {"phone": "12125550123"}).jobs
    timeline = simulate(campaign, jobs, now="2026-03-02T20:30:00Z", outcomes=script)

    assert [job.redial_number for job in timeline.jobs] == [None, 1]
    assert timeline.jobs[0].legal is timeline.jobs[1].legal is not None


def test_a_batch_of_a_scenario_keeps_the_laws() -> None:
    """R13.1: it is read as a request is."""
    campaign = lawful("us-tcpa")
    numbers = [{"phone": "12125550123", "gmtZone": "America/New_York"}]
    told = read_scenario(json.dumps({"commands": [{"at": NOW, "do": "submit", "numbers": numbers}]}), campaign)
    timeline = simulate(campaign, [], now=NOW, commands=told.commands)

    assert [parts(job.legal) for job in timeline.jobs] == [{("us-tcpa", "America/New_York")}]
    assert [dial.at for dial in timeline] == [1_772_456_400_000]  # 2026-03-02T13:00:00Z, 08:00 in New York


# --- what it costs ---------------------------------------------------------------------------------------------------


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions that the library was asked."""
    asked: list[str] = []

    def counting(name: str, real: Callable[[phonenumbers.PhoneNumber], object]) -> Callable[..., object]:
        def counted(number: phonenumbers.PhoneNumber) -> object:
            asked.append(name)
            return real(number)

        return counted

    for module, name in ((phonenumbers, "region_code_for_number"), (phonenumbers.timezone, "time_zones_for_number")):
        monkeypatch.setattr(module, name, counting(name, getattr(module, name)))
    return asked


@pytest.mark.parametrize(("start", "zone"), [(12_122_000_000, "-05:00"), (79_120_000_000, "Europe/Moscow")])
def test_numbers_with_zones_are_seldom_looked_up(start: int, zone: str, looked_up: list[str]) -> None:
    """What the first digits tell is asked once for each five of them."""
    numbers = [{"phone": str(start + step * 10_007), "gmtZone": zone} for step in range(200)]
    jobs = batch(lawful(*LAWS), *numbers).jobs

    assert all(job.legal is not None for job in jobs)
    assert len(looked_up) <= len({str(start + step * 10_007)[:HEAD] for step in range(200)}) < 5


def test_numbers_without_a_zone_are_looked_up_once(looked_up: list[str]) -> None:
    """R2.6: the reader and the laws share their look-ups."""
    batch(lawful(*LAWS), *({"phone": f"1212{line}"} for line in range(2_000_000, 2_000_100)))

    assert looked_up == ["time_zones_for_number", "region_code_for_number"]


def test_the_zones_behind_a_head_are_those_of_its_numbers() -> None:
    """Of each example of each country that is written as it is: one of the areas behind its first digits."""
    for country, numbers in EXAMPLES.items():
        for _, digits in numbers:
            whole = (country + digits)[:15]
            kind = phonenumbers.number_type(phonenumbers.parse("+" + whole))
            if len(whole) < HEAD or not phonenumbers.is_number_type_geographical(kind, int(country)):
                continue
            behind = [{LINKS.get(zone.name, zone.name) for zone in zones} for zones in zones_behind(whole[:HEAD])]
            assert not zones_without_memo(whole) or zones_without_memo(whole) in behind, whole


def test_a_job_is_made_with_the_laws_or_without() -> None:
    """The last field, with a default."""
    assert Job._fields[-1] == "legal"
    assert Job._field_defaults["legal"] is None
