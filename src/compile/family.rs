//! Families: how each kind of system does what every system can do.

use crate::data::{self, Node};
use crate::diag::{Diagnostic, Sources};
use crate::dockerfile::reference::ImageRef;
use crate::spec::Said;

/// The file that says it; a family is added there, not here.
const FILE: (&str, &str) = (
    "templates/families.toml",
    include_str!("../../templates/families.toml"),
);

/// All families.
#[derive(Clone)]
pub(super) struct Families {
    tree: Node,
}

impl Families {
    /// The families that come with dockwright.
    ///
    /// # Panics
    /// When their file has a mistake, which is a bug in dockwright.
    pub(super) fn builtin(sources: &mut Sources) -> Self {
        let source = sources.add(FILE.0, FILE.1);
        match data::parse(FILE.1, source) {
            Ok(tree) => Self { tree },
            Err(mistakes) => panic!(
                "this is a bug in dockwright: {} has mistakes: {mistakes:?}",
                FILE.0
            ),
        }
    }

    /// The family of an image: what the spec says, or what the image's name tells.
    pub(super) fn of<'a>(
        &'a self,
        image: &'a Said,
        said: Option<&'a Said>,
        key: &str,
    ) -> Result<&'a str, Diagnostic> {
        let unknown = |message: String| {
            Err(Diagnostic::at(image.span, message).help(format!(
                "say it beside the image: {key} = \"debian\"; the families are debian, alpine, rpm and none"
            )))
        };
        let variable = image.text.contains('$');
        if variable && said.is_none() {
            return unknown(
                "which family of systems this image belongs to depends on a variable".to_owned(),
            );
        }
        let reference = ImageRef::parse(&image.text)
            .map_err(|error| Diagnostic::at(image.span, format!("this is no image: {error}")));
        let reference = match (reference, said) {
            (Err(mistake), _) if !variable => return Err(mistake),
            (_, Some(said)) => return Ok(&said.text),
            (reference, None) => reference?,
        };
        match self.told_by(&reference) {
            Some(family) => Ok(family),
            None => unknown(format!(
                "which family of systems `{}` belongs to is not known from its name",
                image.text
            )),
        }
    }

    /// The family that the name of an image tells.
    pub(super) fn told_by(&self, image: &ImageRef) -> Option<&str> {
        let name = image.familiar_name();
        let last = name.rsplit('/').next().unwrap_or_default();
        let tag = image.tag().unwrap_or_default();
        let lists = |family: &Node, key: &str, word: &str| {
            family
                .get(key)
                .into_iter()
                .flat_map(Node::items)
                .any(|item| item.text() == Some(word))
        };
        let fits = |family: &Node| {
            tag.split('-').any(|part| {
                let letters = part.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
                lists(family, "tags", part) || lists(family, "tags", letters)
            }) || lists(family, "images", last)
                || lists(family, "images", &name)
        };
        let mut families = self.tree.entries();
        let (family, _) = families.find(|(_, entry)| fits(&entry.node))?;
        Some(family)
    }

    /// What the file says, for the stamp.
    pub(super) fn meaning(&self) -> String {
        self.tree.meaning()
    }

    /// How a family does something, if it can.
    pub(super) fn way(&self, family: &str, of: &str) -> Option<&Node> {
        self.tree.get(family)?.get(of)
    }
}
