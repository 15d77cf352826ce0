"""Rules of law as data: when a phone may be called in a place, and how often. Not legal advice."""

from scheduler.policy.laws.law import LAWS, Cap, CoolDown, Event, Law, Per, law_named
from scheduler.policy.laws.legal import Legal, LegalPart

__all__ = ["LAWS", "Cap", "CoolDown", "Event", "Law", "Legal", "LegalPart", "Per", "law_named"]
