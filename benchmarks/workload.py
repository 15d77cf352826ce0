"""The campaigns that are measured: numbers drawn from a fixed seed, as request bodies and as plain lists for the peers.

A number has one of 24 calendars (6 zones x 4 sets of windows), one of 5 priorities and one of 4 retry intervals, drawn
independently, and at most 3 attempts. The zones' offsets all differ, so the calendars differ in UTC. It is Monday,
2026-03-02, 06:00 UTC, and there is one line for 500 numbers: 3 attempts of 30 s each are 12.5 hours of full lines.
"""

import json
import random
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SEED = 20260302
NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
NOW_TEXT = "2026-03-02T06:00:00Z"
ATTEMPTS = 3
RING_MS = 30_000
NUMBERS_PER_LINE = 500
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONES = ("America/New_York", "Europe/London", "Europe/Berlin", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney")
PRIORITIES = (1, 2, 3, 4, 5)
RETRY_MINUTES = (30, 60, 240, 1440)
CHUNK = 10_000
DAY_MS = 86_400_000

Windows = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One set of windows, in the words of the API: the days, and per day or `default` the local times."""

    days: Sequence[str]
    times: dict[str, Windows]

    def fields(self) -> str:
        """`allowedDays` and `allowedTime` as they stand in a request, without the braces around."""
        allowed = {
            day: [{"localTimeFrom": opens, "localTimeTo": closes} for opens, closes in windows]
            for day, windows in self.times.items()
        }
        text = json.dumps({"allowedDays": list(self.days), "allowedTime": allowed}, separators=(",", ":"))
        return text[1:-1]


WEEKS = (
    Week(days=WEEK[:5], times={"default": [("09:00", "13:00"), ("14:00", "18:00")]}),
    Week(days=WEEK, times={"default": [("10:00", "20:00")]}),
    Week(days=("mon", "wed", "fri", "sat"), times={"sat": [("10:00", "16:00")], "default": [("08:00", "12:30")]}),
    Week(days=WEEK[1:], times={"sat": [("22:00", "02:00")], "default": [("17:00", "21:00")]}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Numbers as parallel lists; `calendar` is an index, zone * 4 + week."""

    calendar: list[int]
    priority: list[int]
    retry_minutes: list[int]

    def __len__(self) -> int:
        return len(self.calendar)

    @property
    def lines(self) -> int:
        """The lines of a campaign of these numbers."""
        return max(1, len(self) // NUMBERS_PER_LINE)


def draw(count: int, seed: int = SEED) -> Numbers:
    """`count` numbers; the same for the same seed."""
    luck = random.Random(seed)
    return Numbers(
        calendar=luck.choices(range(len(ZONES) * len(WEEKS)), k=count),
        priority=luck.choices(PRIORITIES, k=count),
        retry_minutes=luck.choices(RETRY_MINUTES, k=count),
    )


def spread(index: int, count: int) -> int:
    """A place for `index` among `count`, which is a power of ten: no two share one, and neighbours lie far apart."""
    return index * 7919 % count


def finish_text(index: int, count: int) -> str:
    """A finishDateTime that no other number has: over 20 days from the third day on.

    >>> finish_text(0, 1000)
    '2026-03-05T06:00:00.000Z'
    """
    offset_ms = 3 * DAY_MS + 20 * DAY_MS * spread(index, count) // count
    return (NOW + timedelta(milliseconds=offset_ms)).strftime("%Y-%m-%dT%H:%M:%S.") + f"{offset_ms % 1000:03d}Z"


def items(numbers: Numbers, *, finishes: bool, first: int = 0) -> Iterator[str]:
    """The numbers as JSON objects of about 350 bytes, payload included; every phone is another, from `first` on."""
    tails = [f'{week.fields()},"gmtZone":"{zone}"' for zone in ZONES for week in WEEKS]
    count = len(numbers)
    columns = zip(numbers.calendar, numbers.priority, numbers.retry_minutes, strict=True)
    for index, (calendar, priority, retry) in enumerate(columns):
        finish = f'"finishDateTime":"{finish_text(index, count)}",' if finishes else ""
        yield (
            f'{{"phone":"{79_000_000_000 + first + index}",'
            f'"payload":{{"name":"Alex","order":{index},"promo":"20% off all plans"}},{finish}{tails[calendar]},'
            f'"retryIntervalInMinutes":{retry},"maxAttempts":{ATTEMPTS},"dialerPriority":{priority}}}'
        )


def body(numbers: Numbers, *, finishes: bool = False, first: int = 0) -> bytes:
    """The request that adds `numbers`: an addPhones body."""
    return join(items(numbers, finishes=finishes, first=first))


def join(objects: Iterator[str]) -> bytes:
    """A JSON list of `objects`, put together in chunks so that few of them live as text at once."""
    text = bytearray(b"[")
    chunk: list[str] = []
    for item in objects:
        chunk.append(item)
        if len(chunk) == CHUNK:
            text += ",".join(chunk).encode() + b","
            chunk.clear()
    text += ",".join(chunk).encode()
    return bytes(text.removesuffix(b",") + b"]")


def zoneless_body(count: int, seed: int = SEED) -> bytes:
    """`count` numbers that look real and bring no zone: a mix of Russia, the USA, Germany, Britain and Brazil."""
    return join(f'{{"phone":"{phone}"}}' for phone in zoneless_phones(count, seed))


def zoneless_phones(count: int, seed: int = SEED) -> list[str]:
    """`count` distinct phones, in E.164 form without the plus."""
    luck = random.Random(seed)
    makers = (russian, american, german, british, brazilian)
    phones: dict[str, None] = {}
    while len(phones) < count:
        phones[luck.choice(makers)(luck)] = None
    return list(phones)


def russian(luck: random.Random) -> str:
    """A Russian mobile number."""
    operator = luck.choice((900, 903, 905, 909, 910, 912, 915, 916, 921, 925, 926, 937, 950, 961, 977, 985, 999))
    return f"7{operator}{luck.randrange(10**7):07d}"


def american(luck: random.Random) -> str:
    """A number of the USA, by area code."""
    areas = (201, 202, 206, 212, 213, 214, 303, 305, 312, 404, 415, 480, 503, 602, 617, 702, 713, 808, 907)
    return f"1{luck.choice(areas)}{luck.randrange(200, 1000)}{luck.randrange(10**4):04d}"


def german(luck: random.Random) -> str:
    """A German number: mobile, or a landline of a large town."""
    return f"49{luck.choice((151, 157, 160, 170, 176, 30, 40, 69, 89, 221))}{luck.randrange(10**7, 10**8)}"


def british(luck: random.Random) -> str:
    """A British number: mobile, London or Manchester."""
    return f"44{luck.choice((7400, 7700, 7800, 7911, 2070, 2079, 1612))}{luck.randrange(10**6):06d}"


def brazilian(luck: random.Random) -> str:
    """A Brazilian mobile number, by area code."""
    return f"55{luck.choice((11, 21, 31, 41, 51, 61, 71, 81, 85, 92, 68))}9{luck.randrange(6 * 10**7, 10**8):08d}"


def edges(week: Week, zone_name: str, days: int = 370) -> list[int]:
    """What the peers use as a calendar: opens, closes, opens, closes, ..., in UTC milliseconds, ascending.

    A plain construction, window by window. It is right for the windows above, whose edges lie in no skipped or
    repeated hour of their zones; in general it is not (R4.2).
    """
    zone = ZoneInfo(zone_name)
    spans = []
    first = date.fromordinal(NOW.toordinal() - 1)
    for day in (first + timedelta(days=offset) for offset in range(days)):
        name = WEEK[day.weekday()]
        if name not in week.days:
            continue
        for opens, closes in week.times.get(name, week.times["default"]):
            last = day + timedelta(days=1) if closes < opens else day
            spans.append((instant_ms(day, opens, zone), instant_ms(last, closes, zone)))
    flat = [edge for span in sorted(spans) for edge in span]
    return flat[bisect_left(flat, NOW_MS) // 2 * 2 :]


def instant_ms(day: date, time: str, zone: ZoneInfo) -> int:
    """The instant at which clocks of `zone` show `time` on `day`."""
    hour, minute = map(int, time.split(":"))
    return int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).timestamp()) * 1000
