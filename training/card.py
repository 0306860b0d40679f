"""model.toml and its card, README.md: what a model is, written from what was measured."""

import json
import tomllib
from pathlib import Path


# English, French and Vietnamese; `#` stands for any number.
Sentences = list[tuple[str, str, str]]


def add(folder: Path, rows: list[dict], shared, sentences: Sentences = ()) -> None:
    """Put figures on a card that is written already, in place of those that the same command gave before."""
    manifest = tomllib.loads((folder / "model.toml").read_text())
    card = manifest.pop("card")
    manifest["quality"] = replaced(card["quality"], rows)
    manifest["limits"] = [limit for limit in card["limits"] if limit not in shared.LIMITS]
    write(folder, manifest, shared, sentences)


def replaced(known: list[dict], rows: list[dict]) -> list[dict]:
    """The known figures with these in place of those that the same command gave before."""
    commands = {row["command"] for row in rows}
    return [row for row in known if row["command"] not in commands] + rows


def row(metric: str, value: float, unit: str, command: str) -> dict:
    return {"metric": metric, "value": value, "unit": unit, "command": command}


def write(folder: Path, manifest: dict, shared, sentences: Sentences = ()) -> None:
    """`manifest` is model.toml as nested values; `shared`, digits_card or avatar_card, has the rest."""
    model = folder.name
    manifest["class"] = shared.classes()
    card = {
        "license": "MIT OR Apache-2.0",
        "intended_use": shared.INTENDED,
        "training": f"make train MODEL={model}",
        "data": [shared.DATA],
        "quality": manifest.pop("quality"),
        "limits": shared.LIMITS + manifest.pop("limits", []),
        "attribution": shared.ATTRIBUTION,
    }
    (folder / "model.toml").write_text(to_toml(manifest | {"card": card}) + in_languages(said(folder / "model.toml", sentences)))
    (folder / "README.md").write_text(to_markdown(manifest, card, shared))


def measured(release, found) -> dict:
    """What a card says of a model whose figures `make measure` takes: `found` are metrics with their values and units,
    `release` is the module that has the model's words."""
    command = f"make measure MODEL={release.MODEL}"
    return {
        "license": "MIT OR Apache-2.0",
        "intended_use": release.INTENDED,
        "training": f"make train MODEL={release.MODEL}",
        "data": release.DATA,
        "quality": [{"metric": metric, "value": round(value, 2), "unit": unit, "command": command} for metric, value, unit in found],
        "limits": release.LIMITS,
        "attribution": release.ATTRIBUTION,
    }


def to_toml(manifest: dict) -> str:
    plain = {key: value for key, value in manifest.items() if not isinstance(value, dict) and key not in ("class", "direction", "style")}
    lines = [f"{key} = {inline(value)}" for key, value in plain.items()]
    for axis in manifest.get("class", []):
        lines += ["", "[[class]]", f'name = {inline(axis["name"])}', f'title = {inline(axis["title"])}', f'encoding = {inline(axis["encoding"])}']
        lines += ["labels = [", *(f"  {inline(label)}," for label in axis["labels"]), "]"]
    for kind in ("direction", "style"):
        for entry in manifest.get(kind, []):
            lines += ["", f"[[{kind}]]", *(f"{field} = {inline(value)}" for field, value in entry.items())]
    for key, table in manifest.items():
        if key == "graphs":
            for name, graph in table.items():
                lines += ["", f"[graphs.{name}]", *(f"{field} = {inline(value)}" for field, value in graph.items())]
        elif isinstance(table, dict):
            lines += ["", f"[{key}]", *fields(table)]
    return "\n".join(lines) + "\n"


def fields(table: dict) -> list[str]:
    """A list's entries have a line each."""
    lines = []
    for field, value in table.items():
        if isinstance(value, list) and value and isinstance(value[0], (dict, str)):
            lines += [f"{field} = [", *(f"  {inline(entry)}," for entry in value), "]"]
        else:
            lines.append(f"{field} = {inline(value)}")
    return lines


def said(path: Path, sentences: Sentences = ()) -> dict[str, dict]:
    """What the card of an earlier training says in French and Vietnamese, which people wrote and training can't; and these sentences."""
    known = tomllib.loads(path.read_text()).get("card", {}) if path.exists() else {}
    languages = {language: known[language] for language in ("fr", "vi") if language in known}
    for at, language in enumerate(("fr", "vi"), 1):
        if sentences:
            table = languages.setdefault(language, {})
            new = {one[0] for one in sentences}
            kept = [one for one in table.get("sentences", []) if one["en"] not in new]
            table["sentences"] = kept + [{"en": one[0], "says": one[at]} for one in sentences]
    return languages


def in_languages(languages: dict[str, dict]) -> str:
    """What a card says in other languages, to be put after everything else."""
    return "".join("\n".join(["", f"[card.{language}]", *fields(said)]) + "\n" for language, said in languages.items())


def inline(value) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{quote_key(key)} = {inline(entry)}" for key, entry in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(inline(entry) for entry in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def quote_key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() else json.dumps(key)


def to_markdown(manifest: dict, card: dict, shared) -> str:
    rows = [f"| {entry['metric']} | {entry['value']} {entry['unit']} | `{entry['command']}` |" for entry in card["quality"]]
    data = [f"- {d['name']} (`{d['package']}`). Licence: {d['license']}. {d['note']}" for d in card["data"]]
    return "\n".join(
        [
            f"# {manifest['title']}",
            "",
            manifest["summary"],
            "",
            "![Samples](samples.png)",
            "",
            shared.NOTE,
            "",
            f"Generated by `{card['training']}` from what it measured; edit `training/{shared.__name__}.py` instead.",
            "",
            "## Measured",
            "",
            "| what | value | command |",
            "| --- | --- | --- |",
            *rows,
            "",
            "## Data",
            "",
            *data,
            "",
            "## Use and limits",
            "",
            card["intended_use"],
            "",
            *(f"- {limit}" for limit in card["limits"]),
            "",
            f"Weights: {card['license']}.",
            "",
        ]
    )
