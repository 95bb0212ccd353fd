//! The work of a session: what it was asked, and the files that it read or changed. Requests are compared with it.

use crate::collections::is_default;
use crate::error::Wrong;
use crate::json::{Field, Read};
use crate::relevance::{PROMPT_BYTES, Profile, head, project_path};
use crate::rules::limits::{FILES, FILES_BYTES};
use serde::Serialize;
use std::sync::Arc;

/// The work of a session.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct Work {
    /// The beginning of its first prompt. No record holds it.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) prompt: Arc<str>,
    /// The last files that it touched, relative to the project, the last one last.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) files: Vec<Arc<str>>,
    /// Whether a person's command or subtask spawned it.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) by_user: bool,
    /// How many hints named it, and after how many of them the caller named it.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) hinted: u32,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) hint_followed: u32,
    /// The caller that got the last hint, until it prompts the session.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) hint_to: Option<Arc<str>>,
}

impl Work {
    /// Takes in the prompt that began the session; the first holds.
    pub(super) fn set_prompt(&mut self, prompt: &str) -> bool {
        let news = self.prompt.is_empty() && !prompt.is_empty();
        if news {
            self.prompt = head(prompt, PROMPT_BYTES).into();
        }
        news
    }

    /// Takes in a file that the session touched. Whether it is new.
    pub(super) fn touch(&mut self, file: &str, project: &str) -> bool {
        let Some(file) = project_path(file, project) else {
            return false;
        };
        let known = self.files.iter().position(|known| **known == *file);
        if let Some(index) = known {
            let file = self.files.remove(index);
            self.files.push(file);
            return false;
        }
        self.files.push(file.into());
        let mut bytes: usize = self.files.iter().map(|file| file.len()).sum();
        let mut over = self.files.len().saturating_sub(FILES);
        for file in self.files.iter().skip(over) {
            if bytes <= FILES_BYTES {
                break;
            }
            bytes -= file.len();
            over += 1;
        }
        self.files.drain(..over);
        true
    }

    pub(super) fn profile(&self, description: &str) -> Profile {
        let files = self.files.iter().map(|file| &**file);
        Profile::of(description, &self.prompt, files)
    }
}

impl Read for Work {
    fn of(saved: Field<'_>) -> Result<Work, Wrong> {
        Ok(Work {
            prompt: Read::given(&saved, "prompt")?.unwrap_or_default(),
            files: Read::given(&saved, "files")?.unwrap_or_default(),
            by_user: Read::given(&saved, "by_user")?.unwrap_or_default(),
            hinted: Read::given(&saved, "hinted")?.unwrap_or_default(),
            hint_followed: Read::given(&saved, "hint_followed")?.unwrap_or_default(),
            hint_to: Read::given(&saved, "hint_to")?,
        })
    }
}
