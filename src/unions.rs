//! One description a union: the enum, its writer, its reader and its types in TypeScript.
//!
//! A tag says which variant a value is. The fields of a variant are described as those of a shape are.

/// The reader of a union.
macro_rules! union_reader {
    (write $($rest:tt)*) => {};
    (read $name:ident $tag:literal $expected:literal {
        $($variant:ident $word:literal { $([$($key:tt)*] $field:ident ($($how:tt)*))* } $(($inner:ident))?)*
    }) => {
        impl $crate::json::Read for $name {
            fn of(of: $crate::json::Field<'_>) -> Result<Self, $crate::error::Wrong> {
                let tag = of.must($tag)?;
                Ok(match tag.text()? {
                    $($word => $crate::unions::variant!(
                        $name::$variant, of, { $([$($key)*] $field ($($how)*))* } $(($inner))?
                    ),)*
                    _ => return Err(tag.none_of(&[$($word),*], $expected)),
                })
            }
        }
    };
}

/// One variant of a union, read.
macro_rules! variant {
    ($name:ident::$variant:ident, $of:ident, {} ($inner:ident)) => {
        $name::$variant($crate::json::Read::of($of)?)
    };
    ($name:ident::$variant:ident, $of:ident, { $([$($key:tt)*] $field:ident ($($how:tt)*))* }) => {
        $name::$variant { $($field: $crate::shape::take!($of $crate::shape::key!($($key)*), $($how)*)),* }
    };
}

/// One variant of a union, as a sample.
#[cfg(test)]
macro_rules! sampled {
    ($name:ident::$variant:ident, $large:ident, {} ($inner:ident)) => {
        $name::$variant($crate::samples::Sample::sample($large))
    };
    ($name:ident::$variant:ident, $large:ident, { $($field:ident)* }) => {
        $name::$variant { $($field: $crate::samples::Sample::sample($large)),* }
    };
}

/// The type that a variant extends, in TypeScript.
macro_rules! extends {
    () => {
        ""
    };
    ($inner:ty) => {
        <$inner as $crate::typescript::Ts>::NAME
    };
}

/// The word between a variant and the type that it extends, in TypeScript.
macro_rules! extending {
    () => {
        ""
    };
    ($inner:ty) => {
        " extends "
    };
}

/// Declares a union: an enum whose variants a tag distinguishes, each with a name in TypeScript.
macro_rules! variants {
    (
        $(#[doc = $doc:literal])*
        $(#[derive($($derive:ident),+)])?
        $vis:vis $mode:ident enum $name:ident by $tag:literal, $expected:literal {
            $(
                $(#[doc = $about:literal])*
                $variant:ident $(($inner:ident: $holds:ty))? = $word:literal as $public:ident
                $({
                    $(
                        $(#[doc = $of_field:literal])*
                        $field:ident $($wire:literal)?: $type:ty => $how:ident $(($by:path))? $(as $ts:literal)?,
                    )*
                })?,
            )+
        }
    ) => {
        $(#[doc = $doc])*
        $(#[derive($($derive),+)])?
        $vis enum $name {
            $($(#[doc = $about])* $variant $(($holds))? $({ $($(#[doc = $of_field])* $field: $type,)* })?,)+
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap as _;
                let mut map = to.serialize_map(None)?;
                match self {
                    $($name::$variant $(($inner))? $({ $($field),* })? => {
                        map.serialize_entry($tag, $word)?;
                        $($crate::shape::Fields::put($inner, &mut map)?;)?
                        $($($crate::shape::put!(map $crate::shape::key!($field $($wire)?), $field, $how);)*)?
                    })+
                }
                map.end()
            }
        }

        $crate::unions::union_reader! { $mode $name $tag $expected {
            $($variant $word { $($([$field $($wire)?] $field ($how $($by)?))*)? } $(($inner))?)+
        } }

        impl $crate::typescript::Ts for $name {
            const NAME: &'static str = stringify!($name);
        }

        $crate::typescript::declare! {
            "/**\n", $(" *", $doc, "\n",)* " */\n",
            "export type ", stringify!($name), " =", $("\n    | ", stringify!($public),)+ ";\n\n",
            $(
                "/**\n", $(" *", $about, "\n",)* " */\n",
                "export interface ", stringify!($public),
                $crate::unions::extending!($($holds)?), $crate::unions::extends!($($holds)?), " {\n",
                "    ", $tag, ": \"", $word, "\";\n",
                $($(
                    "    /**", $("\n     *", $of_field,)* "\n     */\n    ",
                    $crate::shape::key!($field $($wire)?), $crate::shape::optional!($how),
                    $crate::shape::typed!($type $(, $ts)?),
                    $crate::shape::typed!(name $type $(, $ts)?),
                    $crate::shape::typed!(tail $type $(, $ts)?), ";\n",
                )*)?
                "}\n\n",
            )+
        }

        #[cfg(test)]
        impl $crate::samples::Sample for $name {
            fn sample(large: bool) -> Self {
                <$name as $crate::samples::Samples>::samples(large).swap_remove(0)
            }
        }

        #[cfg(test)]
        impl $crate::samples::Samples for $name {
            fn samples(large: bool) -> Vec<Self> {
                vec![$($crate::unions::sampled!($name::$variant, large, { $($($field)*)? } $(($inner))?)),+]
            }
        }
    };
}

#[cfg(test)]
pub(crate) use sampled;
pub(crate) use {extending, extends, union_reader, variant, variants};
