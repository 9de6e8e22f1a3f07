//! Pages: the templates that lay out generated files.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior};

pub use minijinja::value::Value;

/// A template that lays out a whole file.
pub struct Page {
    environment: Environment<'static>,
}

impl Page {
    /// Reads a page that is built in.
    ///
    /// # Panics
    /// When the page has a mistake, which is a bug in dockwright.
    pub fn new(text: &'static str) -> Self {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let syntax = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .keep_trailing_newline(true)
            .build()
            .expect("the delimiters are minijinja's own");
        environment.set_syntax(syntax);
        environment
            .add_template("page", text)
            .expect("a page that is built in has no mistake");
        Self { environment }
    }

    /// Fills in the page.
    ///
    /// # Panics
    /// When the page uses a value that it is not given, which is a bug in dockwright.
    pub fn render(&self, values: Value) -> String {
        self.environment
            .get_template("page")
            .and_then(|page| page.render(values))
            .expect("a page is given every value that it uses")
    }
}

/// Values under names, for a page.
pub fn map(pairs: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::from_pairs(pairs)
}

/// Values in order, for a page.
pub fn list(items: impl IntoIterator<Item = Value>) -> Value {
    items.into_iter().collect()
}
