//! A shape as a JSON Schema (draft 2020-12), for editors.

use serde_json::{Map, Value, json};

use super::{Key, Shape, TextRule};

/// The schema of a whole document whose outermost table has these keys.
pub fn json_schema(title: &str, keys: &[Key]) -> Value {
    let mut schema = Map::new();
    schema.insert(
        "$schema".into(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    schema.insert("title".into(), json!(title));
    schema.extend(table(keys));
    Value::Object(schema)
}

fn schema(shape: &Shape) -> Map<String, Value> {
    let value = match shape {
        Shape::Text(rule) => return text(*rule),
        Shape::Integer(least, most) => {
            let mut schema = object(json!({ "type": "integer", "minimum": least }));
            if *most != i64::MAX {
                schema.insert("maximum".into(), json!(most));
            }
            return schema;
        }
        Shape::Number => json!({ "type": "number" }),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Only(word) => json!({ "const": word }),
        Shape::Choice(words) => json!({ "enum": words }),
        Shape::List(item) => json!({ "type": "array", "items": schema(item) }),
        Shape::Map(rule, value) => {
            json!({ "type": "object", "propertyNames": text(*rule), "additionalProperties": schema(value) })
        }
        Shape::Table(keys) => return table(keys),
        Shape::OneOf(shapes) => {
            json!({ "anyOf": shapes.iter().map(schema).collect::<Vec<_>>() })
        }
        Shape::Any => json!({}),
    };
    object(value)
}

fn text(rule: TextRule) -> Map<String, Value> {
    let mut schema = object(json!({ "type": "string" }));
    if let Some(pattern) = rule.pattern {
        schema.insert("pattern".into(), json!(pattern));
    }
    schema
}

fn table(keys: &[Key]) -> Map<String, Value> {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|key| {
            let mut property = schema(&key.shape);
            property.insert("description".into(), json!(key.help));
            (key.name.to_string(), Value::Object(property))
        })
        .collect();
    let mut schema = object(json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    }));
    let required: Vec<&str> = keys
        .iter()
        .filter(|key| key.required)
        .map(|key| key.name.as_ref())
        .collect();
    if !required.is_empty() {
        schema.insert("required".into(), json!(required));
    }
    schema
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
