"""Every field of a policy is guarded by the golden test that is about it, and by no other.

A suite of golden tests shares one campaign file. The number of each test sets every field itself but one, which it has
from the file; so a change of that field there fails this test alone, and its message names the field.
`python -m tests.test_policy_mutations` prints the table of mutations and messages.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest

pytest_plugins = ["pytester"]

CAMPAIGN = """\
timeZone = "Europe/Berlin"
detectTimeZone = false
startTime = 2026-03-06T10:00:00Z
endTime = 2026-03-12T16:00:00Z
maxSimultaneousCalls = 1

[policy]
allowedDays = ["mon", "tue", "wed", "thu", "fri"]
allowedTime = { default = [{ localTimeFrom = "10:00", localTimeTo = "18:00" }] }
retryIntervalInMinutes = 60
maxAttempts = 3
dialerPriority = 3
"""
SUITE = '''\
"""A number is called by the field that it has from the campaign, and by fields of its own."""

import pytest

OWN = {
    "phone": "4930123456",
    "gmtZone": "UTC",
    "allowedDays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    "allowedTime": {"default": [{"localTimeFrom": "14:00", "localTimeTo": "20:00"}]},
    "retryIntervalInMinutes": 45,
    "maxAttempts": 2,
    "dialerPriority": 2,
    "startDateTime": "2026-03-06T11:00:00Z",
    "finishDateTime": "2026-03-10T12:00:00Z",
}
RIVAL = {**OWN, "phone": "4989123456"}
EARLY = {"default": [{"localTimeFrom": "08:00", "localTimeTo": "20:00"}]}


def without(field, **others):
    return {name: value for name, value in {**OWN, **others}.items() if name != field}


@pytest.fixture
def check(calls, golden):
    def play(*numbers):
        golden(calls("campaign.toml", numbers, now="2026-03-06T09:00:00Z", until="2026-03-20"))

    return play


def test_days(check):
    check(without("allowedDays"))


def test_hours(check):
    check(without("allowedTime", startDateTime="2026-03-06T17:59:30Z"))


def test_zone(check):
    check(without("gmtZone"))


def test_priority(check):
    check(without("dialerPriority"), RIVAL)


def test_attempts(check):
    check(without("maxAttempts"))


def test_interval(check):
    check(without("retryIntervalInMinutes"))


def test_start(check):
    check(without("startDateTime", allowedTime=EARLY))


def test_finish(check):
    check(without("finishDateTime", maxAttempts=9, retryIntervalInMinutes=2880))
'''


class Mutation(NamedTuple):
    """A change of the campaign file: the test that is about it, and the field that its message names."""

    name: str
    old: str
    new: str
    test: str
    field: str


MUTATIONS = (
    Mutation("a day less", ', "fri"]', "]", "test_days", "allowedDays"),
    Mutation("a day more", '"fri"]', '"fri", "sat"]', "test_days", "allowedDays"),
    Mutation("opens a minute later", '"10:00"', '"10:01"', "test_hours", "allowedTime"),
    Mutation("closes a minute earlier", '"18:00"', '"17:59"', "test_hours", "allowedTime"),
    Mutation("another zone", "Europe/Berlin", "Europe/Moscow", "test_zone", "gmtZone"),
    Mutation("a stronger priority", "dialerPriority = 3", "dialerPriority = 1", "test_priority", "dialerPriority"),
    Mutation("an attempt less", "maxAttempts = 3", "maxAttempts = 2", "test_attempts", "maxAttempts"),
    Mutation("an attempt more", "maxAttempts = 3", "maxAttempts = 4", "test_attempts", "maxAttempts"),
    Mutation("a minute more between", "Minutes = 60", "Minutes = 61", "test_interval", "retryIntervalInMinutes"),
    Mutation("a later start", "2026-03-06T10:00", "2026-03-06T10:30", "test_start", "startDateTime"),
    Mutation("an earlier end", "2026-03-12T16:00", "2026-03-10T16:00", "test_finish", "finishDateTime"),
)
PLUGIN = ("-p", "scheduler.testing.plugin", "-p", "no:cacheprovider")


def write(folder: Path, mutation: Mutation | None = None) -> None:
    """Write the suite, and its campaign file with a mutation or without."""
    campaign = CAMPAIGN
    if mutation is not None:
        assert CAMPAIGN.count(mutation.old) == 1
        campaign = CAMPAIGN.replace(mutation.old, mutation.new)
    (folder / "campaign.toml").write_text(campaign, "utf-8")
    (folder / "test_policy.py").write_text(SUITE, "utf-8")


def messages(output: str) -> dict[str, list[str]]:
    """The tests that failed, each with what its message means, in words."""
    failed = re.findall(r"^_+ (test_\w+) _+$(.*?)^E +--- the golden file$", output, re.MULTILINE | re.DOTALL)
    return {test: re.findall(r"^E {9}(\S.*)$", text, re.MULTILINE) for test, text in failed}


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[mutation.name.replace(" ", "-") for mutation in MUTATIONS])
def test_a_mutation_fails_the_test_that_is_about_it_and_is_named(
    mutation: Mutation, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exactly that golden test, with the field in its first words."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    write(pytester.path)
    pytester.runpytest_inprocess(*PLUGIN, "--golden-update").assert_outcomes(passed=8)
    write(pytester.path, mutation)
    result = pytester.runpytest_inprocess(*PLUGIN)
    said = messages("\n".join(result.outlines))

    result.assert_outcomes(passed=7, failed=1)
    assert list(said) == [mutation.test]
    assert mutation.field in said[mutation.test][0].split()


def test_without_a_mutation_no_test_fails(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compared is what was written."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    write(pytester.path)
    pytester.runpytest_inprocess(*PLUGIN, "--golden-update").assert_outcomes(passed=8)

    pytester.runpytest_inprocess(*PLUGIN).assert_outcomes(passed=8)


def table() -> None:
    """Print each mutation, the tests that fail, and what they say."""

    def suite(*arguments: str) -> str:
        command = [sys.executable, "-m", "pytest", *PLUGIN, "-q", *arguments]
        environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "COLUMNS": "100"}
        return subprocess.run(command, cwd=name, env=environment, check=False, capture_output=True, text=True).stdout

    with tempfile.TemporaryDirectory() as name:
        write(Path(name))
        suite("--golden-update")
        print("| mutation | fails | says |\n| --- | --- | --- |")
        for mutation in MUTATIONS:
            write(Path(name), mutation)
            said = messages(suite())
            for test, words in said.items() or {"none": ["nothing"]}.items():
                print(f"| {mutation.name} | {test} | {'; '.join(words)} |")


if __name__ == "__main__":
    table()
