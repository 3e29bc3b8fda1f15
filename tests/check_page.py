#!/usr/bin/env python3
"""Fails when a report is not a sound page: well-formed, alone (nothing fetched, nothing run), described,
with finite coordinates and labels that neither leave their drawing nor lie on one another.
Usage: check_page.py FILE [SECTION...]: the headings that must be there, in this order."""
import html.parser
import itertools
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

SVG = "{http://www.w3.org/2000/svg}"
CHARACTER, ASCENT, DESCENT = 5.6, 9.0, 2.0  # of the drawings' text, narrow estimates
FETCHING = {"script", "link", "iframe", "img", "object", "embed", "video", "audio", "source", "base", "form"}
COORDINATES = ("x", "y", "d", "r", "cx", "cy", "width", "height", "viewBox")


class Tags(html.parser.HTMLParser):
    """What a browser sees: names of elements and their attributes."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def check_alone(text: str, problems: list[str]) -> None:
    tags = Tags()
    tags.feed(text)
    for tag, attributes in tags.seen:
        if tag in FETCHING:
            problems.append(f"the page holds a <{tag}>")
        for name in attributes:
            if name in {"src", "href", "srcset", "action", "xlink:href"} or name.startswith("on"):
                problems.append(f"<{tag}> has the attribute {name}")
    style = re.search(r"<style>(.*?)</style>", text, re.S)
    if not style or "prefers-color-scheme:dark" not in style.group(1):
        problems.append("the style knows no dark")
    for word in ("url(", "@import", "http"):
        if style and word in style.group(1):
            problems.append(f"the style holds {word}")
    if not any(tag == "meta" and a.get("name") == "viewport" for tag, a in tags.seen):
        problems.append("no viewport for phones")


def box_of(element) -> tuple[float, float, float, float]:
    width = CHARACTER * len(element.text or "")
    x, y = float(element.get("x")), float(element.get("y"))
    left = {"start": x, "middle": x - width / 2, "end": x - width}[element.get("text-anchor", "start")]
    return left, y - ASCENT, left + width, y + DESCENT


def check_drawing(drawing, problems: list[str]) -> None:
    label = drawing.get("aria-label")
    if drawing.get("role") != "img" or not label:
        problems.append("a drawing without a description")
    for element in drawing.iter():
        for name in COORDINATES:
            if re.search(r"nan|inf", element.get(name, "")):
                problems.append(f"{label}: {name} is {element.get(name)}")
    width, height = map(float, drawing.get("viewBox").split()[2:])
    texts = [(box_of(element), element.text) for element in drawing.iter(SVG + "text") if element.text]
    for (left, top, right, bottom), text in texts:
        if left < -2 or top < -2 or right > width + 2 or bottom > height + 2:
            problems.append(f"{label}: {text!r} leaves the drawing")
    for (a, first), (b, second) in itertools.combinations(texts, 2):
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
            problems.append(f"{label}: {first!r} lies on {second!r}")


def check(path: pathlib.Path, sections: list[str]) -> list[str]:
    text = path.read_text(encoding="utf-8")
    problems: list[str] = []
    check_alone(text, problems)
    root = ElementTree.fromstring(text)
    if not root.get("lang") or not (root.findtext("head/title") or "").strip():
        problems.append("no language or no title")
    for drawing in root.iter(SVG + "svg"):
        check_drawing(drawing, problems)
    found = ["".join(heading.itertext()) for heading in root.iter("h2")]
    if sections and [name for name in found if name in sections] != sections:
        problems.append(f"sections are {found}, expected {sections}")
    return problems


if __name__ == "__main__":
    found = check(pathlib.Path(sys.argv[1]), sys.argv[2:])
    print("\n".join(found[:20]) or "the page is sound")
    sys.exit(1 if found else 0)
