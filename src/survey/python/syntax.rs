//! What a Python file says, found by parsing it: what it imports, calls, defines and assigns.
//!
//! A file with a syntax error is read as far as it makes sense: the parser goes on behind the error.

use indexmap::IndexMap;
use tree_sitter::{Node, Parser};

/// How deep what is nested is followed. No person nests deeper.
const DEPTH: usize = 150;

/// A file of code.
#[derive(Clone, Debug, Default)]
pub(in crate::survey) struct Module {
    /// The path of the file.
    pub(in crate::survey) path: String,
    /// What each imported name stands for.
    pub(in crate::survey) imports: IndexMap<String, String>,
    /// The modules that are imported, as they are written, each with the line where that is done first.
    pub(in crate::survey) imported: IndexMap<String, usize>,
    /// Every call, in the order of the file.
    pub(in crate::survey) calls: Vec<Call>,
    /// Functions of the module itself.
    pub(in crate::survey) functions: Vec<Function>,
    /// Attributes that are asked for, each with the line where that is done first.
    pub(in crate::survey) attributes: IndexMap<String, usize>,
    /// Texts that look like an address of something, with their lines.
    pub(in crate::survey) addresses: Vec<(String, usize)>,
    /// Variables of the environment that must be there, with their lines.
    pub(in crate::survey) required: IndexMap<String, usize>,
    /// The line of `if __name__ == "__main__"`.
    pub(in crate::survey) guard: Option<usize>,
    /// Whether the module does something besides defining and importing.
    pub(in crate::survey) acts: bool,
    /// The line of the first syntax error.
    pub(in crate::survey) broken: Option<usize>,
    /// Names that are assigned at its top, and its classes.
    names: Vec<String>,
    constants: IndexMap<String, (Value, usize)>,
}

/// A function that the module defines at its top.
#[derive(Clone, Debug)]
pub(in crate::survey) struct Function {
    /// Its name.
    pub(in crate::survey) name: String,
    /// How many arguments it cannot do without.
    pub(in crate::survey) required: usize,
    /// The names that it returns.
    pub(in crate::survey) returns: Vec<String>,
}

/// Where in a module something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::survey) enum Scope {
    /// At its top.
    Module,
    /// Below `if __name__ == "__main__"`.
    Guard,
    /// In a function or method of this name.
    Function(String),
}

/// A call.
#[derive(Clone, Debug)]
pub(in crate::survey) struct Call {
    /// What is called, with imported names in full: `flask.Flask`, `app.run`.
    pub(in crate::survey) name: String,
    /// The arguments, with their keywords.
    pub(in crate::survey) arguments: Vec<(Option<String>, Value)>,
    /// The line.
    pub(in crate::survey) line: usize,
    /// Where it stands.
    pub(in crate::survey) scope: Scope,
    /// The name that its result is assigned to.
    pub(in crate::survey) target: Option<String>,
    /// Whether its result is what the function returns.
    pub(in crate::survey) returned: bool,
}

/// A value, as far as it is known without running anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::survey) enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A list, a tuple or a set.
    List(Vec<Value>),
    /// A dictionary.
    Map(Vec<(String, Value)>),
    /// A variable of the environment, with its default.
    Variable(String, Option<Box<Value>>),
    /// A name that stands for something else.
    Name(String),
    /// Something that only running it would tell.
    Other,
}

impl Module {
    /// Whether it has something of this name at its top.
    pub(in crate::survey) fn defines(&self, name: &str) -> bool {
        self.functions.iter().any(|function| function.name == name)
            || self.imports.contains_key(name)
            || self.names.iter().any(|known| known == name || known == "*")
    }

    /// The name at its top that stands for what another name does.
    pub(in crate::survey) fn alias(&self, of: &str) -> Option<&str> {
        let mut constants = self.constants.iter();
        let found =
            constants.find(|(_, (value, _))| matches!(value, Value::Name(name) if name == of));
        found.map(|(name, _)| name.as_str())
    }

    /// What is assigned to a name at its top, with the line.
    pub(in crate::survey) fn constant(&self, name: &str) -> Option<(&Value, usize)> {
        self.constants.get(name).map(|(value, line)| (value, *line))
    }
}

impl Value {
    /// The text, if it is one, or the default of a variable.
    pub(in crate::survey) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Variable(_, Some(default)) => default.text(),
            _ => None,
        }
    }

    /// The port, if it can be one.
    pub(in crate::survey) fn port(&self) -> Option<u16> {
        match self {
            Self::Number(number) => u16::try_from(*number).ok().filter(|port| *port > 0),
            Self::Text(text) => text.trim().parse().ok().filter(|port| *port > 0),
            Self::Variable(_, Some(default)) => default.port(),
            _ => None,
        }
    }
}

impl Call {
    /// The argument of a keyword.
    pub(in crate::survey) fn keyword(&self, key: &str) -> Option<&Value> {
        let named = |(name, _): &&(Option<String>, Value)| name.as_deref() == Some(key);
        self.arguments.iter().find(named).map(|(_, value)| value)
    }

    /// The argument at a place, counted from 0.
    pub(in crate::survey) fn at(&self, place: usize) -> Option<&Value> {
        let unnamed = self.arguments.iter().filter(|(name, _)| name.is_none());
        unnamed.map(|(_, value)| value).nth(place)
    }

    /// What is called, without what it belongs to.
    pub(in crate::survey) fn method(&self) -> &str {
        self.name.rsplit('.').next().unwrap_or_default()
    }

    /// What the called thing belongs to.
    pub(in crate::survey) fn receiver(&self) -> &str {
        self.name
            .rsplit_once('.')
            .map_or("", |(receiver, _)| receiver)
    }
}

/// Reads a file of code.
pub(in crate::survey) fn read(path: &str, text: &str) -> Module {
    let mut parser = Parser::new();
    let language = tree_sitter_python::LANGUAGE.into();
    let mut module = Module {
        path: path.to_owned(),
        ..Module::default()
    };
    if parser.set_language(&language).is_err() {
        unreachable!("the grammar is made for this parser");
    }
    let Some(tree) = parser.parse(text, None) else {
        unreachable!("a parser that has its language and no time limit gives a tree");
    };
    let mut reader = Reader {
        text,
        package: package(path),
        module: &mut module,
    };
    reader.visit(tree.root_node(), &Scope::Module, 0);
    module
}

/// The package that a file belongs to, for imports that begin with a dot.
fn package(path: &str) -> Vec<String> {
    let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
    parts.pop();
    parts
}

struct Reader<'a> {
    text: &'a str,
    package: Vec<String>,
    module: &'a mut Module,
}

impl<'a> Reader<'a> {
    fn slice(&self, node: Node) -> &'a str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    fn visit(&mut self, node: Node, scope: &Scope, depth: usize) {
        if depth > DEPTH {
            return;
        }
        if (node.is_error() || node.is_missing()) && self.module.broken.is_none() {
            self.module.broken = Some(line(node));
        }
        match node.kind() {
            "import_statement" | "import_from_statement" => return self.import(node),
            "function_definition" => return self.function(node, scope, depth),
            "class_definition" => {
                let name = node
                    .child_by_field_name("name")
                    .map(|name| self.slice(name));
                let inner = Scope::Function(name.unwrap_or_default().to_owned());
                self.module.names.extend(name.map(str::to_owned));
                self.settings(node);
                return self.children(node, &inner, depth);
            }
            "if_statement" if self.is_guard(node) => {
                self.module.guard.get_or_insert(line(node));
                return self.children(node, &Scope::Guard, depth);
            }
            "assignment" => {
                self.assignment(node, scope, depth);
                return;
            }
            "return_statement" => {
                if let Some(value) = node.named_child(0) {
                    if value.kind() == "call" {
                        self.call(value, scope, None, true);
                    } else if let (Scope::Function(name), "identifier") = (scope, value.kind()) {
                        let returned = self.slice(value).to_owned();
                        let mut functions = self.module.functions.iter_mut();
                        if let Some(function) = functions.find(|function| function.name == *name) {
                            function.returns.push(returned);
                        }
                    }
                }
                return self.children_of_returned(node, scope, depth);
            }
            "call" => {
                if *scope == Scope::Module {
                    self.module.acts = true;
                }
                self.call(node, scope, None, false);
            }
            "for_statement" | "while_statement" if *scope == Scope::Module => {
                self.module.acts = true;
            }
            "attribute" => {
                if let Some(name) = node.child_by_field_name("attribute") {
                    let name = self.slice(name).to_owned();
                    self.module.attributes.entry(name).or_insert(line(node));
                }
            }
            "subscript" => self.subscript(node),
            "string" => {
                let text = self.string(node).unwrap_or_default();
                if text.len() < 200 && (text.contains("://") || text.contains("sqlite")) {
                    self.module.addresses.push((text, line(node)));
                }
            }
            _ => {}
        }
        self.children(node, scope, depth);
    }

    fn children(&mut self, node: Node, scope: &Scope, depth: usize) {
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            self.visit(child, scope, depth + 1);
        }
    }

    /// What a returned call holds; the call itself is noted already.
    fn children_of_returned(&mut self, node: Node, scope: &Scope, depth: usize) {
        match node.named_child(0) {
            Some(value) if value.kind() == "call" => self.children(value, scope, depth + 1),
            _ => self.children(node, scope, depth),
        }
    }

    /// `if __name__ == "__main__"`.
    fn is_guard(&self, node: Node) -> bool {
        let Some(condition) = node.child_by_field_name("condition") else {
            return false;
        };
        let text = self.slice(condition);
        text.contains("__name__") && text.contains("__main__")
    }

    fn import(&mut self, node: Node) {
        let from = node.child_by_field_name("module_name");
        let base = from.map(|from| self.absolute(self.slice(from)));
        // What a star brings is not known, so anything may be there.
        if self.slice(node).trim_end().ends_with('*') {
            self.module.names.push("*".to_owned());
        }
        if let Some(base) = &base {
            self.module
                .imported
                .entry(base.clone())
                .or_insert(line(node));
        }
        let mut cursor = node.walk();
        for name in node.children_by_field_name("name", &mut cursor) {
            let (path, alias) = if name.kind() == "aliased_import" {
                let part =
                    |field: &str| name.child_by_field_name(field).map(|part| self.slice(part));
                (part("name").unwrap_or_default(), part("alias"))
            } else {
                (self.slice(name), None)
            };
            match (&base, alias) {
                (Some(base), alias) => {
                    let local = alias.unwrap_or(path).to_owned();
                    self.module
                        .imported
                        .entry(format!("{base}.{path}"))
                        .or_insert(line(node));
                    self.module.imports.insert(local, format!("{base}.{path}"));
                }
                (None, Some(alias)) => {
                    self.module
                        .imported
                        .entry(path.to_owned())
                        .or_insert(line(node));
                    self.module
                        .imports
                        .insert(alias.to_owned(), path.to_owned());
                }
                (None, None) => {
                    self.module
                        .imported
                        .entry(path.to_owned())
                        .or_insert(line(node));
                    let first = path.split('.').next().unwrap_or_default().to_owned();
                    self.module.imports.insert(first.clone(), first);
                }
            }
        }
    }

    /// The name of a module, with leading dots followed from the package that the file is in.
    fn absolute(&self, name: &str) -> String {
        let dots = name.chars().take_while(|c| *c == '.').count();
        if dots == 0 {
            return name.to_owned();
        }
        let kept = self.package.len().saturating_sub(dots - 1);
        let mut parts = self.package[..kept].to_vec();
        parts.extend(
            name[dots..]
                .split('.')
                .filter(|part| !part.is_empty())
                .map(str::to_owned),
        );
        parts.join(".")
    }

    fn function(&mut self, node: Node, scope: &Scope, depth: usize) {
        let name = node
            .child_by_field_name("name")
            .map(|name| self.slice(name));
        let name = name.unwrap_or_default().to_owned();
        if *scope == Scope::Module {
            let mut required = 0;
            if let Some(parameters) = node.child_by_field_name("parameters") {
                let mut cursor = parameters.walk();
                let plain = |kind: &str| matches!(kind, "identifier" | "typed_parameter");
                required = parameters
                    .named_children(&mut cursor)
                    .filter(|parameter| {
                        plain(parameter.kind()) && !self.slice(*parameter).starts_with('*')
                    })
                    .count();
            }
            self.module.functions.push(Function {
                name: name.clone(),
                required,
                returns: Vec::new(),
            });
        }
        // A function in a function belongs to the outer one.
        let inner = match scope {
            Scope::Function(_) => scope.clone(),
            _ => Scope::Function(name),
        };
        self.children(node, &inner, depth);
    }

    fn assignment(&mut self, node: Node, scope: &Scope, depth: usize) {
        let (left, right) = (
            node.child_by_field_name("left"),
            node.child_by_field_name("right"),
        );
        let target = left
            .filter(|left| left.kind() == "identifier")
            .map(|left| self.slice(left).to_owned());
        if *scope == Scope::Module {
            self.module.names.extend(target.clone());
        }
        let Some(right) = right else {
            return;
        };
        if let Some(target) = &target
            && matches!(scope, Scope::Module | Scope::Guard)
        {
            let value = self.value(right, 0);
            if value != Value::Other {
                let at = line(node);
                self.module.constants.insert(target.clone(), (value, at));
            }
        }
        if right.kind() == "call" {
            self.call(right, scope, target, false);
            self.children(right, scope, depth + 1);
        } else {
            self.visit(right, scope, depth + 1);
        }
        match left {
            // Giving a variable of the environment a value does not ask for one.
            Some(left) if left.kind() == "subscript" => self.children(left, scope, depth + 1),
            Some(left) => self.visit(left, scope, depth + 1),
            None => {}
        }
    }

    fn call(&mut self, node: Node, scope: &Scope, target: Option<String>, returned: bool) {
        let Some(function) = node.child_by_field_name("function") else {
            return;
        };
        let Some(name) = self.name(function, 0) else {
            return;
        };
        let mut arguments = Vec::new();
        if let Some(list) = node.child_by_field_name("arguments") {
            let mut cursor = list.walk();
            for argument in list.named_children(&mut cursor) {
                if argument.kind() == "keyword_argument" {
                    let field = |name: &str| argument.child_by_field_name(name);
                    let (Some(key), Some(value)) = (field("name"), field("value")) else {
                        continue;
                    };
                    let key = self.slice(key).to_owned();
                    arguments.push((Some(key), self.value(value, 0)));
                } else if argument.kind() != "comment" {
                    arguments.push((None, self.value(argument, 0)));
                }
            }
        }
        self.module.calls.push(Call {
            name,
            arguments,
            line: line(node),
            scope: scope.clone(),
            target,
            returned,
        });
    }

    /// A class of settings reads each of its fields from the environment, and fails where one has no default and is not
    /// set.
    fn settings(&mut self, class: Node) {
        let bases = class.child_by_field_name("superclasses");
        let bases = bases.map(|bases| self.slice(bases)).unwrap_or_default();
        let Some(body) = class
            .child_by_field_name("body")
            .filter(|_| bases.contains("BaseSettings"))
        else {
            return;
        };
        let mut cursor = body.walk();
        for statement in body.named_children(&mut cursor) {
            let Some(field) = statement
                .named_child(0)
                .filter(|_| statement.kind() == "expression_statement")
            else {
                continue;
            };
            let part = |name: &str| field.child_by_field_name(name);
            if let (Some(name), Some(_), None) = (part("left"), part("type"), part("right")) {
                let name = self.slice(name).to_uppercase();
                self.module.required.entry(name).or_insert(line(field));
            }
        }
    }

    /// `os.environ["NAME"]`, which fails where the variable is not set.
    fn subscript(&mut self, node: Node) {
        let value = node.child_by_field_name("value");
        let of = value
            .and_then(|value| self.name(value, 0))
            .unwrap_or_default();
        let key = node.child_by_field_name("subscript");
        let name = key.and_then(|key| self.string(key));
        if let (true, Some(name)) = (is_environment(&of), name) {
            self.module.required.entry(name).or_insert(line(node));
        }
    }

    /// A dotted name, with what is imported in full.
    fn name(&self, node: Node, depth: usize) -> Option<String> {
        match node.kind() {
            "identifier" => {
                let name = self.slice(node);
                let full = self.module.imports.get(name);
                Some(full.cloned().unwrap_or_else(|| name.to_owned()))
            }
            "attribute" if depth < DEPTH => {
                let object = node.child_by_field_name("object")?;
                let attribute = self.slice(node.child_by_field_name("attribute")?);
                let object = self.name(object, depth + 1).unwrap_or_default();
                Some(format!("{object}.{attribute}"))
            }
            // The method of what a call gives: `Thing().run()`.
            "call" if depth < DEPTH => self.name(node.child_by_field_name("function")?, depth + 1),
            _ => None,
        }
    }

    /// The text of a string without anything to be filled in.
    fn string(&self, node: Node) -> Option<String> {
        if node.kind() == "concatenated_string" {
            let mut cursor = node.walk();
            let parts = node
                .named_children(&mut cursor)
                .map(|part| self.string(part));
            return parts.collect();
        }
        if node.kind() != "string" {
            return None;
        }
        let mut text = String::new();
        let mut cursor = node.walk();
        for part in node.named_children(&mut cursor) {
            match part.kind() {
                "string_content" => text.push_str(self.slice(part)),
                "interpolation" => return None,
                _ => {}
            }
        }
        Some(text)
    }

    fn value(&self, node: Node, depth: usize) -> Value {
        if depth > DEPTH {
            return Value::Other;
        }
        let deeper = |node: Node| self.value(node, depth + 1);
        match node.kind() {
            "string" | "concatenated_string" => self.string(node).map_or(Value::Other, Value::Text),
            "integer" => {
                let digits = self.slice(node).replace('_', "");
                digits.parse().map_or(Value::Other, Value::Number)
            }
            "parenthesized_expression" => node.named_child(0).map_or(Value::Other, deeper),
            "list" | "tuple" | "set" => {
                let mut cursor = node.walk();
                Value::List(node.named_children(&mut cursor).map(deeper).collect())
            }
            "dictionary" => {
                let mut cursor = node.walk();
                let pairs = node.named_children(&mut cursor).filter_map(|pair| {
                    let key = self.string(pair.child_by_field_name("key")?)?;
                    Some((key, deeper(pair.child_by_field_name("value")?)))
                });
                Value::Map(pairs.collect())
            }
            "identifier" => {
                let name = self.slice(node);
                match self.module.constant(name) {
                    Some((value, _)) => value.clone(),
                    None => Value::Name(name.to_owned()),
                }
            }
            "attribute" => self.name(node, 0).map_or(Value::Other, Value::Name),
            "true" | "false" => Value::Name(self.slice(node).to_owned()),
            // `os.environ.get("PORT") or 8000`
            "boolean_operator" => {
                let side = |field: &str| node.child_by_field_name(field).map(deeper);
                match (side("left"), side("right")) {
                    (Some(Value::Variable(name, None)), Some(default)) => {
                        Value::Variable(name, Some(Box::new(default)))
                    }
                    (Some(left @ Value::Variable(..)), _) => left,
                    _ => Value::Other,
                }
            }
            "subscript" => {
                let of = node
                    .child_by_field_name("value")
                    .and_then(|of| self.name(of, 0));
                let key = node
                    .child_by_field_name("subscript")
                    .and_then(|key| self.string(key));
                match (of, key) {
                    (Some(of), Some(key)) if is_environment(&of) => Value::Variable(key, None),
                    _ => Value::Other,
                }
            }
            "call" => self.called(node, depth),
            _ => Value::Other,
        }
    }

    /// The value of a call: of a conversion what is converted, of a look into the environment its default.
    fn called(&self, node: Node, depth: usize) -> Value {
        let function = node.child_by_field_name("function");
        let name = function
            .and_then(|function| self.name(function, 0))
            .unwrap_or_default();
        let Some(arguments) = node.child_by_field_name("arguments") else {
            return Value::Other;
        };
        let mut cursor = arguments.walk();
        let arguments: Vec<Node> = arguments.named_children(&mut cursor).collect();
        let value = |at: usize| arguments.get(at).map(|node| self.value(*node, depth + 1));
        match name.as_str() {
            "int" | "str" | "float" => value(0).unwrap_or(Value::Other),
            name if is_environment_call(name) => {
                let Some(Value::Text(variable)) = value(0) else {
                    return Value::Other;
                };
                let named = arguments.iter().find_map(|node| {
                    (node.kind() == "keyword_argument")
                        .then(|| node.child_by_field_name("value"))?
                });
                let default = match named {
                    Some(node) => Some(self.value(node, depth + 1)),
                    None => value(1),
                };
                Value::Variable(variable, default.map(Box::new))
            }
            _ => Value::Other,
        }
    }
}

/// What the standard library calls the environment.
fn is_environment(name: &str) -> bool {
    matches!(name, "os.environ" | "environ")
}

/// Calls that read a variable of the environment and know what to do without it.
fn is_environment_call(name: &str) -> bool {
    matches!(
        name,
        "os.getenv" | "os.environ.get" | "getenv" | "environ.get"
    )
}

/// The line of a node, counted from 1.
fn line(node: Node) -> usize {
    node.start_position().row + 1
}
