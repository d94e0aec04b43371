"""A page as a browser without scripts sees it: links, forms, pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

Attributes = dict[str, str]


@dataclass
class Form:
    """A form and what it would send, with the first radio of each group chosen."""

    attributes: Attributes
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)

    def add_input(self, attributes: Attributes) -> None:
        name, value = attributes.get("name"), attributes.get("value", "")
        kind = attributes.get("type", "text")
        if not name or kind in ("submit", "button", "file", "checkbox"):
            return
        if kind == "radio":
            self.choices.setdefault(name, []).append(value)
            if "checked" not in attributes and name in self.fields:
                return
        self.fields[name] = value


class Page(HTMLParser):
    """Parsed markup."""

    def __init__(self, url: str, markup: str) -> None:
        super().__init__()
        self.url = url
        self.elements: list[tuple[str, Attributes]] = []
        self.forms: list[Form] = []
        self.words: list[str] = []
        self._form: Form | None = None
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        if tag == "form":
            self._form = Form(attributes)
            self.forms.append(self._form)
        elif tag == "input" and self._form is not None:
            self._form.add_input(attributes)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(data.strip())

    def having(self, name: str) -> list[Attributes]:
        """The elements that carry an attribute."""
        return [attributes for _, attributes in self.elements if name in attributes]

    def links(self) -> list[str]:
        return [a["href"] for tag, a in self.elements if tag == "a" and a.get("href")]
