//! Closed lists of words: each word is spelled once.

/// A type of which each value crosses the boundary as one word.
pub(crate) trait Words: Copy + 'static {
    /// Each word with its value, in the order in which a complaint lists them.
    const WORDS: &'static [(&'static str, Self)];
}

/// Declares an enum and its words: the type, its writer, its reader and its type in TypeScript.
///
/// The name after the colon is the default.
macro_rules! words {
    (
        $(#[doc = $doc:literal])*
        $(#[derive($($derive:ident),+)])?
        $vis:vis enum $name:ident $(: $default:ident)? {
            $($(#[doc = $about:literal])* $variant:ident = $word:literal,)+
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, $($($derive),+)?)]
        $vis enum $name {
            $($(#[doc = $about])* $variant,)+
        }

        impl $name {
            /// The word for it in JSON.
            pub const fn word(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)+
                }
            }
        }

        impl $crate::words::Words for $name {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, $name::$variant)),+];
        }

        #[cfg(test)]
        impl $crate::json_schema::Described for $name {
            fn schema() -> serde_json::Value {
                let default: &[&str] = &[$($name::$default.word())?];
                $crate::json_schema::one_of(&[$(($word, concat!($($about),*))),+], default.first())
            }
        }

        impl $crate::typescript::Ts for $name {
            const NAME: &'static str = stringify!($name);
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.word())
            }
        }

        $(
            impl Default for $name {
                fn default() -> Self {
                    $name::$default
                }
            }
        )?

        $crate::typescript::declare! {
            "/**\n", $(" *", $doc, "\n",)* " */\n",
            "export type ", stringify!($name), " =",
            $("\n    /**", $("\n     *", $about,)* "\n     */\n    | \"", $word, "\"",)+
            ";\n",
        }
    };
}

pub(crate) use words;
