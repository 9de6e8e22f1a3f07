//! What a compose file holds: values in the order in which they will be written.

use indexmap::IndexMap;

/// A value of a compose file.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing, written as nothing. A volume or network of which there is nothing more to say is this, and so is a name in
    /// `environment` that takes its value from where Compose runs.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text as Compose reads it, so with `$$` where a dollar sign is meant.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// Names and their values.
    Map(Map),
}

/// Names and their values, in the order in which they will be written.
pub type Map = IndexMap<String, Value>;

/// A map with these names and values, in this order.
pub fn map<const N: usize>(entries: [(&str, Value); N]) -> Map {
    entries
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

impl Value {
    /// The text, if this is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items, if this is a list.
    pub fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The names and values, if this is a map.
    pub fn map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The value under a name, if this is a map that has it.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.map()?.get(name)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Boolean(yes)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl<V: Into<Self>> From<Vec<V>> for Value {
    fn from(items: Vec<V>) -> Self {
        items.into_iter().collect()
    }
}

impl<V: Into<Self>> FromIterator<V> for Value {
    fn from_iter<I: IntoIterator<Item = V>>(items: I) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

/// A whole compose file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// The lines of the comment at the top, without their `#`.
    pub header: Vec<String>,
    /// The top-level sections: `services`, `networks`, `volumes` and so on. They are written in the usual order of
    /// such files, whatever their order here; what stands inside of one keeps its order.
    pub sections: Map,
}

impl File {
    /// The names and values of a section, which is made when it is not there or holds no map.
    pub fn section(&mut self, name: &str) -> &mut Map {
        let section = self
            .sections
            .entry(name.to_owned())
            .or_insert_with(|| Value::Map(Map::new()));
        if section.map().is_none() {
            *section = Value::Map(Map::new());
        }
        match section {
            Value::Map(map) => map,
            _ => unreachable!("section() has just put a map here"),
        }
    }

    /// The services with their names, in their order.
    pub fn services(&self) -> impl Iterator<Item = (&str, &Map)> {
        let services = self.sections.get("services").and_then(Value::map);
        services
            .into_iter()
            .flatten()
            .filter_map(|(name, service)| Some((name.as_str(), service.map()?)))
    }
}
