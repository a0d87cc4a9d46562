"""Which models `feedback train` makes, and that each is made once and after what it learns from."""

from feedback.cli.models import train
from feedback.training.make import HEARD_BY_SIGNAL, LINES


def test_every_model_that_can_be_asked_for_is_made_once_with_all() -> None:
    asked = next(option for option in train.params if option.name == "model").type
    in_lines = [model for line in LINES for model in line]
    assert sorted([*in_lines, "signal"]) == sorted(set(asked.choices) - {"all"})  # type: ignore[attr-defined]


def test_the_signal_model_is_made_after_whatever_it_learns_from() -> None:
    assert "signal" not in [model for line in LINES for model in line]
    assert set(HEARD_BY_SIGNAL) == {"reader", "guard"}
