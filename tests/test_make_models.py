"""Which models `feedback train` makes, and that each is made once and after what it learns from."""

from feedback.cli.models import train
from feedback.training.make import LINES


def test_every_model_that_can_be_asked_for_is_made_once_with_all() -> None:
    asked = next(option for option in train.params if option.name == "model").type
    in_lines = [model for line in LINES for model in line]
    assert sorted(in_lines) == sorted(set(asked.choices) - {"all"})  # type: ignore[attr-defined]


def test_the_signal_model_follows_the_guard_whose_hearing_it_learns_from() -> None:
    (line,) = (line for line in LINES if "signal" in line)
    assert line.index("signal") == line.index("guard") + 1
