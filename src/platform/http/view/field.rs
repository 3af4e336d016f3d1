//! One field of a form.

use crate::input;

/// What a field takes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Kind {
    /// One line of text.
    #[default]
    Text,
    /// A whole number; text to the browser, so that nothing typed is lost.
    Whole,
    /// A decimal number.
    Decimal,
    /// A day.
    Date,
    /// A day and a time.
    DateTime,
    /// A password; its value is never written back.
    Password,
    /// A mail address.
    Email,
    /// A telephone number.
    Phone,
    /// One of `choices`, as a list that opens.
    Select,
    /// One of `choices`, all in view.
    Radio,
    /// Several lines.
    Long,
    /// One file; its form is `multipart/form-data`.
    File,
    /// One file or more.
    Files,
    /// Not shown, only sent along.
    Hidden,
}

/// One of several answers.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub text: String,
}

/// A field: label above, help under the label, unit inside, the message under it in words.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// Its name in the form; also its id in the page.
    pub name: String,
    /// Its label.
    pub label: String,
    /// What stands in it, as it was typed.
    pub value: String,
    /// What it takes.
    pub kind: Kind,
    /// One sentence under the label. Empty: none.
    pub help: String,
    /// The unit, shown inside the field (元, 支). Empty: none.
    pub unit: String,
    /// What is wrong with it, in words, with the value that was given. Empty: nothing.
    pub error: String,
    /// True if it may be left empty; shown as （选填）.
    pub optional: bool,
    /// True if the cursor starts here.
    pub focus: bool,
    /// The most characters it takes; 0 for no limit. A long field shows how many are written.
    pub longest: u32,
    /// The browser's name for what belongs here (`username`, `current-password`, `one-time-code`). Empty: `off`.
    pub autocomplete: String,
    /// The answers of a list.
    pub choices: Vec<Choice>,
}

impl Field {
    /// A required field.
    pub fn new(kind: Kind, name: impl Into<String>, label: impl Into<String>) -> Self {
        Self { kind, name: name.into(), label: label.into(), ..Self::default() }
    }

    /// The field for a text, with the label and the length that it is checked with.
    #[must_use]
    pub fn of(kind: Kind, text: &input::Field) -> Self {
        let longest = u32::try_from(text.most).unwrap_or(u32::MAX);
        Self { longest, optional: text.least == 0, ..Self::new(kind, text.name, text.label) }
    }

    /// Another name and label, where a page has several fields of the kind or asks in other words.
    #[must_use]
    pub fn called(mut self, name: impl Into<String>, label: impl Into<String>) -> Self {
        self.name = name.into();
        self.label = label.into();
        self
    }

    /// What stands in it.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// The sentence under the label.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// The unit inside the field.
    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = unit.into();
        self
    }

    /// What is wrong with it.
    #[must_use]
    pub fn error(mut self, error: impl Into<String>) -> Self {
        self.error = error.into();
        self
    }

    /// May be left empty.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Takes so many characters at most.
    #[must_use]
    pub fn longest(mut self, characters: u32) -> Self {
        self.longest = characters;
        self
    }

    /// What the browser may fill in.
    #[must_use]
    pub fn autocomplete(mut self, word: impl Into<String>) -> Self {
        self.autocomplete = word.into();
        self
    }

    /// One of these, as pairs of value and text.
    #[must_use]
    pub fn choices<V: Into<String>, T: Into<String>>(
        mut self,
        pairs: impl IntoIterator<Item = (V, T)>,
    ) -> Self {
        self.choices = pairs
            .into_iter()
            .map(|(value, text)| Choice { value: value.into(), text: text.into() })
            .collect();
        self
    }

    /// The ids of what describes the field, for `aria-describedby`.
    #[must_use]
    pub fn described_by(&self) -> String {
        let mut ids = vec![format!("{}-error", self.name)];
        if !self.help.is_empty() {
            ids.insert(0, format!("{}-help", self.name));
        }
        ids.join(" ")
    }

    /// The `type` of the input.
    #[must_use]
    pub fn input_type(&self) -> &'static str {
        match self.kind {
            Kind::Date => "date",
            Kind::DateTime => "datetime-local",
            Kind::Password => "password",
            Kind::Email => "email",
            Kind::Phone => "tel",
            Kind::File | Kind::Files => "file",
            _ => "text",
        }
    }

    /// The keyboard that a phone shows.
    #[must_use]
    pub fn input_mode(&self) -> &'static str {
        match self.kind {
            Kind::Whole => "numeric",
            Kind::Decimal => "decimal",
            Kind::Phone => "tel",
            Kind::Email => "email",
            _ => "text",
        }
    }
}

/// One line of the summary above a form that was not taken; `field` is the name to jump to.
#[derive(Clone, Debug, Default)]
pub struct FieldError {
    /// The field's name.
    pub field: String,
    /// What is wrong, in words.
    pub message: String,
}

/// Puts the cursor into the first wrong field and returns the summary for the head of the form.
pub fn focus_first<'a>(fields: impl IntoIterator<Item = &'a mut Field>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for field in fields.into_iter().filter(|field| !field.error.is_empty()) {
        field.focus = errors.is_empty();
        errors.push(FieldError { field: field.name.clone(), message: field.error.clone() });
    }
    errors
}
