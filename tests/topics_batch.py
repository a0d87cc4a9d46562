"""An invented batch in which people keep speaking of things that no theme of the framework names.

Each subject is said in many wordings, put together from parts; beside them people say what they always say. Nothing here was
said by anybody.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice, product

from feedback.comment import RawComment

UNIFORMS = (
    (
        "I could not tell from the uniform colours {who}",
        "The different coloured tunics mean nothing to visitors, so we never knew {who}",
        "Nobody explains what the navy, green and maroon uniforms stand for, and I could only guess {who}",
        "A chart of the uniform colours by the door would tell us {who}",
        "With everyone in a different shade of blue tunic it was hard to say {who}",
        "Please put up a poster saying which uniform colour is which, because I had no idea {who}",
        "Since the new uniforms came in all the colours look alike and Mum asks {who}",
        "Dark blue, light blue, burgundy: the tunics are a puzzle and we kept wondering {who}",
    ),
    (
        "who was a nurse.",
        "who the sister was.",
        "which of them was the physio.",
        "who was in charge.",
        "which one was the healthcare assistant.",
        "who was who.",
        "which of them I ought to ask.",
        "whether he was a student or a doctor.",
    ),
)

VENDING = (
    (
        "The vending machine {where} {fault}",
        "The drinks machine {where} {fault}",
        "The snack machine {where} {fault}",
        "That coin machine for crisps and cans {where} {fault}",
        "The only vending machine, the one {where}, {fault}",
    ),
    ("in the corridor", "by the lift", "in the foyer", "near the entrance", "on the ground floor"),
    (
        "swallowed my pound and gave nothing back.",
        "only takes coins and nobody carries change now.",
        "was out of order again.",
        "has been empty for weeks.",
        "will not take cards.",
    ),
)

TELEVISION = (
    (
        "The television in the day room {fault}",
        "The telly in the lounge {fault}",
        "The big TV in the day room {fault}",
        "That TV on the wall of the lounge {fault}",
        "The day room television {fault}",
        "The screen everybody watches in the lounge {fault}",
        "In the day room the telly {fault}",
    ),
    (
        "is always stuck on the shopping channel.",
        "is so loud that nobody can talk.",
        "has no remote control, so it stays on one channel.",
        "has been broken since the summer.",
        "shows the same quiz programme all day.",
        "has no subtitles for those of us hard of hearing.",
        "is left on with nobody watching it.",
        "goes off whenever somebody wants to see the football.",
        "has a picture so fuzzy it hurts the eyes.",
    ),
)

PIGEONS = (
    (
        "The pigeons {where} {nuisance}",
        "Pigeons nesting {where} {nuisance}",
        "So many pigeons {where} that it {nuisance}",
        "Those birds {where} {nuisance}",
        "The pigeon mess {where} {nuisance}",
    ),
    ("on the roof", "above the entrance", "over the smoking shelter", "on the window ledges", "in the courtyard"),
    (
        "makes everyone run for the door.",
        "ruins your coat.",
        "puts visitors off sitting outside.",
        "needs sorting with some netting.",
        "woke me at five every morning.",
    ),
)

# What people always say, so that the subjects stand among other things.
USUAL = (
    "The nurses were kind and gentle with Dad.",
    "I waited three hours past my appointment.",
    "Nobody rang me back about the results.",
    "The food was cold most evenings.",
    "The doctor explained everything clearly.",
    "Parking cost far too much.",
    "The ward was spotless.",
    "My tablets were changed without anyone telling me.",
    "She listened and never hurried me.",
    "The physio helped me walk again.",
    "It took weeks to get an appointment.",
    "Thank you all for your care.",
    "The letter went to the wrong address.",
    "I felt safe there.",
    "The receptionist was rude on the phone.",
    "They involved us in planning her discharge.",
)


def said(subject: Sequence[Sequence[str]]) -> list[str]:
    """Every wording of a subject, in an order that mixes them, always the same."""
    frames, *fills = subject
    wordings = []
    for frame, *parts in product(frames, *fills):
        for part in parts:
            start, end = frame.index("{"), frame.index("}")
            frame = frame[:start] + part + frame[end + 1 :]
        wordings.append(frame)
    return [wordings[(i * 37) % len(wordings)] for i in range(len(wordings))] if len(wordings) % 37 else wordings


def comments(
    wordings: Sequence[str], *, service: str, first: date, days: int, prefix: str, with_usual: bool = True
) -> Iterator[RawComment]:
    """One comment for each wording, spread evenly over so many days; every second says something usual as well."""
    for i, words in enumerate(wordings):
        usual = f" {USUAL[i % len(USUAL)]}" if with_usual and i % 2 else ""
        yield RawComment(
            words + usual,
            id=f"{prefix}-{i}",
            date=first + timedelta(days=i * days // len(wordings)),
            services=(service,),
            respondent_key=f"{prefix}-{i}",
            row=i + 2,
        )


def usual(n: int, *, service: str, first: date, days: int, prefix: str = "usual") -> Iterator[RawComment]:
    """So many comments of two of the usual things each."""
    pairs = islice(product(USUAL, USUAL[::-1]), n)
    yield from comments(
        [f"{one} {other}" for one, other in pairs],
        service=service,
        first=first,
        days=days,
        prefix=prefix,
        with_usual=False,
    )
