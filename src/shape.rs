//! One description a shape: the type, its writer, its reader, its known fields and its type in TypeScript.
//!
//! A line describes a field: `name "its name in JSON": Type => presence(reader) as "TypeScript"`. The name in JSON is
//! given if it differs. The reader is given if the type has none of its own, or another is needed.
//!
//! | presence | the field is read | and written |
//! |---|---|---|
//! | `must` | it must be there | always |
//! | `maybe` | it may be absent or `null` | if it is there |
//! | `given` | it may be absent, `null` is a value like any other | if it is there |
//! | `empty` | absent it is empty | unless it is empty |
//! | `zero` | absent it is zero | always |
//! | `flat` | by its reader, which takes an `Option<Field>` | if it is there |
//!
//! A `read` shape ignores unknown fields, a `strict` one refuses them, a `write` one has no reader. A `config` shape is
//! strict, and its fields have a JSON Schema.

use serde::ser::SerializeMap;

/// The fields of a shape, written into a map that may hold others.
pub(crate) trait Fields {
    fn put<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

impl<T: Fields> Fields for Box<T> {
    fn put<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        T::put(self, map)
    }
}

/// A value that may be left out if it says nothing.
pub(crate) trait Empty {
    fn says_nothing(&self) -> bool;
}

impl<T> Empty for Vec<T> {
    fn says_nothing(&self) -> bool {
        self.is_empty()
    }
}

impl Empty for String {
    fn says_nothing(&self) -> bool {
        self.is_empty()
    }
}

impl Empty for u64 {
    fn says_nothing(&self) -> bool {
        *self == 0
    }
}

impl Empty for u32 {
    fn says_nothing(&self) -> bool {
        *self == 0
    }
}

impl Empty for usize {
    fn says_nothing(&self) -> bool {
        *self == 0
    }
}

impl Empty for bool {
    fn says_nothing(&self) -> bool {
        !self
    }
}

/// The name of a field in JSON.
macro_rules! key {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $wire:literal) => {
        $wire
    };
}

/// Reads a field.
macro_rules! take {
    ($of:ident $key:expr, must) => {
        $crate::json::Read::must(&$of, $key)?
    };
    ($of:ident $key:expr, must $by:path) => {
        $of.must_by($key, $by)?
    };
    ($of:ident $key:expr, maybe) => {
        $crate::json::Read::maybe(&$of, $key)?
    };
    ($of:ident $key:expr, maybe $by:path) => {
        $of.maybe($key)?.map($by).transpose()?
    };
    ($of:ident $key:expr, given) => {
        $crate::json::Read::given(&$of, $key)?
    };
    ($of:ident $key:expr, given $by:path) => {
        $of.given_by($key, $by)?
    };
    ($of:ident $key:expr, flat $by:path) => {
        $by($of.given($key)?)?
    };
    // A field that may be empty or zero.
    ($of:ident $key:expr, $how:ident $($by:path)?) => {
        $crate::shape::take!($of $key, given $($by)?).unwrap_or_default()
    };
}

/// Writes a field.
macro_rules! put {
    ($map:ident $key:expr, $value:expr, must) => {
        $map.serialize_entry($key, $value)?
    };
    ($map:ident $key:expr, $value:expr, zero) => {
        $map.serialize_entry($key, $value)?
    };
    ($map:ident $key:expr, $value:expr, empty) => {
        if !$crate::shape::Empty::says_nothing($value) {
            $map.serialize_entry($key, $value)?
        }
    };
    ($map:ident $key:expr, $value:expr, $how:ident) => {
        if let Some(value) = $value {
            $map.serialize_entry($key, value)?
        }
    };
}

/// The mark of a field that may be absent, in TypeScript.
macro_rules! optional {
    (must) => {
        ": "
    };
    (zero) => {
        ": "
    };
    ($how:ident) => {
        "?: "
    };
}

/// The line of a field in TypeScript.
macro_rules! typed {
    ($type:ty) => {
        <$type as $crate::typescript::Ts>::HEAD
    };
    ($type:ty, $name:literal) => {
        $name
    };
    (name $type:ty) => {
        <$type as $crate::typescript::Ts>::NAME
    };
    (name $type:ty, $name:literal) => {
        ""
    };
    (tail $type:ty) => {
        <$type as $crate::typescript::Ts>::TAIL
    };
    (tail $type:ty, $name:literal) => {
        ""
    };
}

/// The reader of a shape.
macro_rules! reader {
    (write $name:ident $(<$life:lifetime>)? $($rest:tt)*) => {};
    (read $name:ident $(<$life:lifetime>)? { $([$($key:tt)*] $field:ident ($($how:tt)*))* }) => {
        impl $(<$life>)? $crate::json::Read for $name $(<$life>)? {
            fn of(of: $crate::json::Field<'_>) -> Result<Self, $crate::error::Wrong> {
                Ok($name { $($field: $crate::shape::take!(of $crate::shape::key!($($key)*), $($how)*)),* })
            }
        }

        impl $(<$life>)? $crate::json::Read for Box<$name $(<$life>)?> {
            fn of(of: $crate::json::Field<'_>) -> Result<Self, $crate::error::Wrong> {
                $crate::json::Read::of(of).map(Box::new)
            }
        }
    };
    (config $($rest:tt)*) => {
        $crate::shape::reader! { strict $($rest)* }
    };
    (strict $name:ident { $([$($key:tt)*] $field:ident ($($how:tt)*))* }) => {
        impl $crate::json::Read for $name {
            fn of(of: $crate::json::Field<'_>) -> Result<Self, $crate::error::Wrong> {
                of.only(&[$($crate::shape::key!($($key)*)),*])?;
                Ok($name { $($field: $crate::shape::take!(of $crate::shape::key!($($key)*), $($how)*)),* })
            }
        }
    };
}

/// The JSON Schema of a shape's fields: people write those of a `config` shape alone.
#[cfg(test)]
macro_rules! described {
    (config $name:ident { $([$($key:tt)*] [$($about:literal)*] [$($type:tt)*] ($($by:path)?))* }) => {
        impl $crate::json_schema::Described for $name {
            fn schema() -> serde_json::Value {
                $crate::json_schema::object([$((
                    $crate::shape::key!($($key)*),
                    concat!($($about),*),
                    $crate::shape::schema_of!([$($type)*] $($by)?),
                )),*])
            }
        }
    };
    ($mode:ident $($rest:tt)*) => {};
}

/// The JSON Schema of a field, by its type or by its reader.
#[cfg(test)]
macro_rules! schema_of {
    ([$type:ty]) => {
        <$type as $crate::json_schema::Described>::schema()
    };
    ([$type:ty] $by:path) => {
        $crate::json_schema::read_by(stringify!($by))
    };
}

/// Declares a shape without its type in TypeScript: one that stays inside.
macro_rules! inner_shape {
    (
        $(#[doc = $doc:literal])*
        $(#[derive($($derive:ident),+)])?
        $vis:vis $mode:ident struct $name:ident $(<$life:lifetime>)? {
            $(
                $(#[doc = $about:literal])*
                $field:ident $($wire:literal)?: $type:ty => $how:ident $(($by:path))?,
            )*
        }
    ) => {
        $(#[doc = $doc])*
        $(#[derive($($derive),+)])?
        $vis struct $name $(<$life>)? {
            $($(#[doc = $about])* $vis $field: $type,)*
        }

        impl $(<$life>)? $crate::shape::Fields for $name $(<$life>)? {
            fn put<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                $($crate::shape::put!(map $crate::shape::key!($field $($wire)?), &self.$field, $how);)*
                Ok(())
            }
        }

        impl $(<$life>)? serde::Serialize for $name $(<$life>)? {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                let mut map = to.serialize_map(None)?;
                $crate::shape::Fields::put(self, &mut map)?;
                serde::ser::SerializeMap::end(map)
            }
        }

        $crate::shape::reader! { $mode $name $(<$life>)? { $([$field $($wire)?] $field ($how $($by)?))* } }
    };
}

/// Declares a shape that crosses the boundary.
macro_rules! shape {
    (
        $(#[doc = $doc:literal])*
        $(#[derive($($derive:ident),+)])?
        $vis:vis $mode:ident struct $name:ident $(<$life:lifetime>)? $(as $public:ident)? {
            $(
                $(#[doc = $about:literal])*
                $field:ident $($wire:literal)?: $type:ty => $how:ident $(($by:path))? $(as $ts:literal)?,
            )*
        }
    ) => {
        $crate::shape::inner_shape! {
            $(#[doc = $doc])*
            $(#[derive($($derive),+)])?
            $vis $mode struct $name $(<$life>)? {
                $($(#[doc = $about])* $field $($wire)?: $type => $how $(($by))?,)*
            }
        }

        impl $(<$life>)? $crate::typescript::Ts for $name $(<$life>)? {
            const NAME: &'static str = $crate::shape::public!($name $($public)?);
        }

        impl $(<$life>)? $crate::typescript::Ts for Box<$name $(<$life>)?> {
            const NAME: &'static str = $crate::shape::public!($name $($public)?);
        }

        $crate::typescript::declare! {
            "/**\n", $(" *", $doc, "\n",)* " */\n",
            "export interface ", $crate::shape::public!($name $($public)?), " {\n",
            $(
                "    /**", $("\n     *", $about,)* "\n     */\n    ",
                $crate::shape::key!($field $($wire)?), $crate::shape::optional!($how),
                $crate::shape::typed!($type $(, $ts)?),
                $crate::shape::typed!(name $type $(, $ts)?),
                $crate::shape::typed!(tail $type $(, $ts)?), ";\n",
            )*
            "}\n",
        }

        #[cfg(test)]
        $crate::shape::described! { $mode $name {
            $([$field $($wire)?] [$($about)*] [$type] ($($by)?))*
        } }

        #[cfg(test)]
        impl $(<$life>)? $crate::samples::Sample for $name $(<$life>)? {
            fn sample(large: bool) -> Self {
                $name { $($field: $crate::samples::Sample::sample(large)),* }
            }
        }

        #[cfg(test)]
        impl $(<$life>)? $crate::samples::Sample for Box<$name $(<$life>)?> {
            fn sample(large: bool) -> Self {
                Box::new($crate::samples::Sample::sample(large))
            }
        }
    };
}

/// Declares a row of a table: the fields that cross the boundary, and behind `with` those that stay inside.
macro_rules! row {
    (
        $(#[doc = $doc:literal])*
        $(#[derive($($derive:ident),+)])?
        $vis:vis struct $name:ident {
            $($(#[doc = $about:literal])* $field:ident: $type:ty => $how:ident,)*
        }
        with { $($(#[doc = $inside:literal])* $seen:vis $inner:ident: $held:ty,)* }
    ) => {
        $(#[doc = $doc])*
        $(#[derive($($derive),+)])?
        $vis struct $name {
            $($(#[doc = $about])* $vis $field: $type,)*
            $($(#[doc = $inside])* $seen $inner: $held,)*
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap as _;
                let mut map = to.serialize_map(None)?;
                $($crate::shape::put!(map stringify!($field), &self.$field, $how);)*
                map.end()
            }
        }

        $crate::typescript::declare! {
            "/**\n", $(" *", $doc, "\n",)* " */\n",
            "export interface ", stringify!($name), " {\n",
            $(
                "    /**", $("\n     *", $about,)* "\n     */\n    ",
                stringify!($field), $crate::shape::optional!($how),
                $crate::shape::typed!($type), $crate::shape::typed!(name $type),
                $crate::shape::typed!(tail $type), ";\n",
            )*
            "}\n",
        }
    };
}

/// The name of a type in TypeScript.
macro_rules! public {
    ($name:ident) => {
        stringify!($name)
    };
    ($name:ident $public:ident) => {
        stringify!($public)
    };
}

#[cfg(test)]
pub(crate) use {described, schema_of};
pub(crate) use {inner_shape, key, optional, public, put, reader, row, shape, take, typed};
