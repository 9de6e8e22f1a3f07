//! The JSON Schema of a report for programs.

use serde_json::{Value, json};

use super::account::Outcome;

/// What a program that reads `migrate --format json` can rely on.
pub fn schema() -> Value {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let texts = |about: &str| json!({ "type": "array", "items": { "type": "string" }, "description": about });
    let count = |about: &str| json!({ "type": "integer", "minimum": 0, "description": about });
    let list = |of: &str, about: &str| {
        let of = format!("#/$defs/{of}");
        json!({ "type": "array", "items": { "$ref": of }, "description": about })
    };
    let item = object(&json!({
        "line": { "type": "integer", "minimum": 1, "description": "Its first line, counted from 1." },
        "kind": text("What it is: a keyword, `comment`, `directive`, `unreadable` or `mark` of a Dockerfile, `key` of a compose file, `pattern` of an ignore file."),
        "text": text("Its first line of text; the path of a key."),
        "outcome": { "enum": Outcome::WORDS, "description": "What became of it." },
        "detail": text("Where it is said now, or why it is not."),
    }));
    let notice = object(&json!({
        "line": { "type": "integer", "minimum": 1 },
        "text": text("What there is to say of it, for people."),
    }));
    let unequal = object(&json!({
        "about": text("What the fact is about, such as `environment` or `step`."),
        "which": text("Which one, such as the name of a variable."),
        "old": { "type": ["string", "null"], "description": "What it was, if it was there." },
        "new": { "type": ["string", "null"], "description": "What it is, if it is there." },
    }));
    let ignore = object(&json!({
        "file": text("The ignore file."),
        "stays": { "type": "boolean", "description": "Whether it stays as it is." },
        "patterns": count("How many patterns it has."),
        "items": list("item", "Every line of one that is replaced, but for blank ones."),
        "hidden": texts("Files that are copied and that the build sees no more."),
        "shown": texts("Files that are copied and that the build did not see."),
    }));
    let compose = object(&json!({
        "file": text("The compose file."),
        "left": { "type": ["string", "null"], "description": "Why it stays as it is, if it does." },
        "items": list("item", "Every key of the service that the spec describes, every other thing as a whole, and every comment."),
        "new": texts("What the new file says besides: the path of a key, and its value."),
        "notices": list("notice", "What is noticed in it."),
        "compared": count("How many values were compared."),
        "over": texts("The files that lie over it, and stay as they are."),
    }));
    let report = object(&json!({
        "file": text("The old Dockerfile."),
        "found": texts("What there is to say of where it was found, with `--all`."),
        "items": list("item", "Every instruction, comment and directive of it, in its order."),
        "gains": texts("What is better than it was, besides what is said of items."),
        "refusals": list("notice", "What is not made better, and why."),
        "notices": list("notice", "What is noticed, and left as it is."),
        "facts": object(&json!({
            "compared": count("How many facts of the image were compared."),
            "changed": list("unequal", "What differs because it is better now."),
            "unequal": list("unequal", "What differs besides: somebody has to look."),
        })),
        "ignore": { "oneOf": [ignore, { "type": "null" }] },
        "compose": { "oneOf": [compose, { "type": "null" }] },
        "spec": object(&json!({
            "file": text("Where the spec goes, from where the command ran."),
            "text": text("The spec."),
        })),
    }));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dockwright migrate --format json",
        "description": "A report; with `--all` a list of them.",
        "oneOf": [
            { "$ref": "#/$defs/report" },
            { "type": "array", "items": { "$ref": "#/$defs/report" } },
        ],
        "$defs": { "item": item, "notice": notice, "unequal": unequal, "report": report },
    })
}

/// An object that has all of these keys and no others.
fn object(properties: &Value) -> Value {
    let keys: Vec<&String> = properties
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, _)| key)
        .collect();
    json!({
        "type": "object",
        "required": keys,
        "additionalProperties": false,
        "properties": properties,
    })
}
