"""Find Chromium for the tests marked `browser`, and leave those tests out, saying so, where there is none."""

import os
import shutil

import pytest

LEFT_OUT = pytest.StashKey[int]()
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def chromium() -> str | None:
    """The browser to drive: the one named in the environment as CHROMIUM, or the first on the path."""
    named = os.environ.get("CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)


def chromedriver() -> str | None:
    """The program that drives it: named as CHROMEDRIVER, or on the path."""
    return shutil.which(os.environ.get("CHROMEDRIVER", "chromedriver"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if chromium() and chromedriver():
        return
    left_out = [item for item in items if item.get_closest_marker("browser")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
        config.stash[LEFT_OUT] = len(left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if LEFT_OUT in config.stash:
        terminalreporter.write_line(
            f"{config.stash[LEFT_OUT]} tests of the pages in a real browser were left out, because this machine has no Chromium "
            "with its driver. Install the packages chromium and chromium-driver, or name them in CHROMIUM and CHROMEDRIVER."
        )
