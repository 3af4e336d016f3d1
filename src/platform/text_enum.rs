//! Enums that are kept as a word; the label and the colour that people see stand in the declaration.

/// The meaning of a colour; a word always stands beside it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Tone {
    /// Nothing special.
    #[default]
    Plain,
    /// Waiting for somebody.
    Waiting,
    /// Done, in order.
    Done,
    /// To be looked at; also the yellow mark.
    Hint,
    /// Refused, wrong, late; also the red mark.
    Wrong,
}

impl Tone {
    /// The class in `theme.css`.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Hint => "hint",
            Self::Wrong => "wrong",
        }
    }

    /// The word that opens a notice of this kind.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Plain => "说明",
            Self::Waiting => "待办",
            Self::Done => "已完成",
            Self::Hint => "提示",
            Self::Wrong => "未完成",
        }
    }
}

/// Declares an enum that is kept as a word: in the database, in JSON, in logs. With a label for every value it has `label()`, with
/// a [`Tone`] for every value also `tone()`.
///
/// ```ignore
/// text_enum! { /// How far an order is.
///     pub enum OrderState { Draft = "draft" | "草稿" [Plain], Submitted = "submitted" | "待确认" [Waiting] } }
/// ```
#[macro_export]
macro_rules! text_enum {
    ($(#[doc = $doc:literal])* pub enum $name:ident {
        $($(#[$vmeta:meta])* $variant:ident = $word:literal $(| $label:literal $([$tone:ident])?)?),+ $(,)?
    }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            diesel::AsExpression, diesel::FromSqlRow, serde::Serialize, serde::Deserialize)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant),+ }

        // Derived, the description of the API would name the variants: it does not see the words inside a macro.
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let words = utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($word),+]));
                words.description(Some(concat!($($doc, "\n"),*).trim())).into()
            }
        }

        impl utoipa::ToSchema for $name {}

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that the database and the API use.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            $crate::text_enum! { @label $($($variant $label)?)+ }
            $crate::text_enum! { @tone $($($($variant $tone)?)?)+ }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(word: &str) -> Result<Self, String> {
                match word { $($word => Ok(Self::$variant),)+ other => Err(format!("unknown word {other:?}")) }
            }
        }

        impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $name
        where String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB> {
            fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let word = <String as diesel::deserialize::FromSql<diesel::sql_types::Text, DB>>::from_sql(bytes)?;
                word.parse().map_err(|e: String| e.into())
            }
        }

        impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $name
        where str: diesel::serialize::ToSql<diesel::sql_types::Text, DB> {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                <str as diesel::serialize::ToSql<diesel::sql_types::Text, DB>>::to_sql(self.as_str(), out)
            }
        }
    };
    (@label) => {};
    (@label $($variant:ident $label:literal)+) => {
        /// For people.
        pub fn label(self) -> &'static str {
            match self { $(Self::$variant => $label),+ }
        }
    };
    (@tone) => {};
    (@tone $($variant:ident $tone:ident)+) => {
        /// The colour beside the label.
        pub fn tone(self) -> $crate::text_enum::Tone {
            match self { $(Self::$variant => $crate::text_enum::Tone::$tone),+ }
        }
    };
}
