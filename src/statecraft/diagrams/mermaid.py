"""A picture as Mermaid text, which GitHub, GitLab and notebooks draw without any program."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from statecraft.diagrams.ends import entry_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from statecraft.diagrams.picture import Node, Picture

# Not what Mermaid's grammar keeps for itself, in any case, nor what every JavaScript object has.
_USABLE = re.compile(
    r"(?!(acc(descr|title)|class(def)?|click|default|href|note|root(_start|_end)?|scale"
    r"|state(diagram)?|style|constructor|hasownproperty|isprototypeof|propertyisenumerable"
    r"|tolocalestring|tostring|valueof)$)[a-z][a-z0-9_]*",
    re.IGNORECASE,
)
# Written as #number; a character means nothing to the grammar, to Markdown and to HTML, which
# all read a label. An underscore within a word means nothing to them anyway.
_SPECIAL = re.compile(
    r"[^\w\s,.()/'?\[\]\x80-\U0010ffff]"
    r"|(?<![^\W_])_|_(?![^\W_])"
    r"|\](?=[(\[])"  # a link: [text](address)
    r"|^\d+[.)]"  # a list: 1. text
    r"|d(?=irection\s+(?:TB|BT|LR|RL))",
    re.IGNORECASE | re.MULTILINE,
)
# A title is read as HTML, in which nothing can stand for these.
_IN_TITLES = str.maketrans({"<": "\u2039", ">": "\u203a", "\n": " "})
_STYLES = {
    "current": "fill:#fde68a,stroke:#b45309,stroke-width:3px,color:#0f172a",
    "collects": "fill:none,stroke-dasharray:5 4",
}


def mermaid_from(picture: Picture) -> str:
    """Return the text of a Mermaid state diagram."""
    title = json.dumps((picture.title or "").translate(_IN_TITLES), ensure_ascii=False)
    heading = f"---\ntitle: {title}\n---\n" if picture.title else ""
    return heading + "stateDiagram-v2\n" + "".join(f"    {line}\n" for line in _body(picture))


def _body(picture: Picture) -> Iterator[str]:
    names = _identifiers(picture)
    direction = f"direction {'LR' if picture.landscape else 'TB'}"
    nodes = picture.all_nodes.values()
    yield direction
    for node in picture.nodes:
        yield from _state(node, names, direction)
    yield f"[*] --> {names[picture.initial]}"
    for edge in picture.edges:
        lines = "\n".join("\n".join(caption.lines) for caption in edge.captions)
        label = _escaped(lines).replace("\n", "<br/>")
        target = _entered(picture.all_nodes[edge.target], edge.source)
        yield f"{names[edge.source]} --> {names[target]} : {label}"
    yield from _ends(picture.nodes, names)
    for kind, style in _STYLES.items():
        marked = [names[node.name] for node in nodes if getattr(node, kind) and not node.parts]
        if marked:
            yield f"classDef {kind} {style}"
            yield f"class {','.join(marked)} {kind}"


def _state(node: Node, names: Mapping[str, str], direction: str) -> Iterator[str]:
    # In one line each: after a <br/>, Mermaid's Markdown would see the escaped characters again.
    lines = (node.text, *(" ".join(caption.lines) for caption in node.inside))
    texts = [_escaped(line.replace("\n", " ")) for line in lines]
    name = names[node.name]
    if node.parts:
        yield f'state "{" / ".join(texts)}" as {name} {{'
        for line in (direction, *_parts(node, names, direction)):
            yield f"    {line}"
        yield "}"
    elif texts == [name]:
        yield name
    else:
        yield from (f"{name} : {text}" for text in texts)


def _parts(node: Node, names: Mapping[str, str], direction: str) -> Iterator[str]:
    for part in node.parts:
        yield from _state(part, names, direction)
    first = names[node.parts[0].name]
    if node.history:  # Mermaid has no mark of its own for it
        entry = names[entry_of(node)]
        yield f"{entry} : H*"
        yield f"[*] --> {entry}"
        yield f"{entry} --> {first}"
    else:
        yield f"[*] --> {first}"
    yield from _ends(node.parts, names)


def _entered(node: Node, source: str) -> str:
    """Return where an arrow ends: Mermaid draws none from inside of a compound to itself."""
    if not node.holds(source):
        return node.name
    return entry_of(node) if node.history else _entered(node.parts[0], source)


def _ends(nodes: tuple[Node, ...], names: Mapping[str, str]) -> Iterator[str]:
    return (f"{names[node.name]} --> [*]" for node in nodes if node.final)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(_numbers, text)


def _numbers(found: re.Match[str]) -> str:
    return "".join(f"#{ord(character)};" for character in found[0])


def _identifiers(picture: Picture) -> Mapping[str, str]:
    """Return a name for each node that Mermaid takes: its own, wherever that is possible."""
    identifiers: dict[str, str] = {}
    nodes = picture.all_nodes
    wanted = [*nodes, *(entry_of(node) for node in nodes.values() if node.history)]
    taken = {*wanted}
    for name in wanted:
        identifier = name
        if not _USABLE.fullmatch(identifier):
            identifier = "state_" + re.sub(r"\W", "_", name, flags=re.ASCII).strip("_")
            while identifier in taken:
                identifier += "_"
            taken.add(identifier)
        identifiers[name] = identifier
    return identifiers
