"""What the browser is given asks no other machine for anything."""

import re

import pytest

from api import assets

HERE = (
    "@font-face{font-family:F;src:url(https://assets.nhs.uk/fonts/F.woff2)}a{background:url(/assets/images/cross.svg)}"
)


def test_the_font_rules_go_and_images_are_found_beside_the_style_sheet() -> None:
    assert assets.local_style(HERE) == "a{background:url(images/cross.svg)}"


@pytest.mark.parametrize("address", ["https://example.org/a.svg", "//example.org/a.svg", '"http://example.org/a.svg"'])
def test_a_style_sheet_that_would_still_ask_another_machine_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="another machine"):
        assets.local_style(f"a{{background:url({address})}}")


def test_the_installed_style_sheet_names_only_files_that_were_copied() -> None:
    style = (assets.VENDOR / "nhsuk-frontend.min.css").read_text(encoding="utf-8")
    named = {name for name in re.findall(r"url\(\"?([^)\"]+)", style) if not name.startswith("data:")}
    assert named
    assert all((assets.VENDOR / name).is_file() for name in named)


def test_every_file_the_pages_name_is_there() -> None:
    layout = (assets.ROOT / "api" / "templates" / "layout.html").read_text(encoding="utf-8")
    named = re.findall(r'"/(static/[^"]+)"', layout)
    assert named and all((assets.ROOT / "api" / name).is_file() for name in named)


def test_the_lock_names_no_host() -> None:
    assert "://" not in (assets.ROOT / "package-lock.json").read_text(encoding="utf-8")
