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
        Shape::Set(item) => {
            json!({ "type": "array", "items": schema(item), "uniqueItems": true })
        }
        Shape::Map(rule, value) => {
            json!({ "type": "object", "propertyNames": text(*rule), "additionalProperties": schema(value) })
        }
        Shape::Table(keys) => return table(keys),
        Shape::OneOf(shapes) => {
            json!({ "anyOf": shapes.iter().map(schema).collect::<Vec<_>>() })
        }
        Shape::Any => json!({}),
        Shape::Refused => json!({ "not": {} }),
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
    let mut properties = Map::new();
    let mut patterns = Map::new();
    for key in keys {
        let mut property = schema(&key.shape);
        property.insert("description".into(), json!(key.help));
        if key.prefix {
            patterns.insert(format!("^{}", key.name), property.into());
        } else {
            properties.insert(key.name.to_string(), property.into());
        }
    }
    let mut schema = object(json!({
        "type": "object",
        "properties": properties,
    }));
    if !patterns.is_empty() {
        schema.insert("patternProperties".into(), patterns.into());
    }
    schema.insert("additionalProperties".into(), json!(false));
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
