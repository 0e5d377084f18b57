use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::converse::Request;
use bedrock_stream_core::json::{Fields, Json};

use super::body::Body;
use super::error::{RequestBodyError, RequestBodyErrorReason};
use crate::decode::{all_members_of, members_of};
use crate::dialect::Dialect;

/// An object of the request, whose members are taken out one by one. What remains cannot be expressed in the dialect.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) dialect: Dialect,
    path: String,
    members: Fields,
}

/// A value of the request and its path.
#[derive(Debug)]
pub(super) struct Placed {
    dialect: Dialect,
    pub(super) path: String,
    pub(super) json: Json,
}

impl Object {
    /// The request as a whole.
    pub(super) fn of_request(request: &Request, dialect: Dialect) -> Result<Self, RequestBodyError> {
        let json = Json::from_value(request).unwrap_or_default();
        Placed { dialect, path: String::new(), json }.object()
    }

    /// Takes a member; one that is null is absent.
    pub(super) fn take(&mut self, name: &str) -> Option<Json> {
        self.members.take(name)
    }

    /// Takes a member that the dialect requires.
    pub(super) fn need(&mut self, name: &str) -> Result<Json, RequestBodyError> {
        self.take(name).ok_or_else(|| self.error(name, RequestBodyErrorReason::Missing))
    }

    /// Takes a member with its path.
    pub(super) fn placed(&mut self, name: &str) -> Option<Placed> {
        let json = self.take(name)?;
        Some(Placed { dialect: self.dialect, path: self.path_of(name), json })
    }

    /// Takes a member that is an object; without it, an empty one.
    pub(super) fn object(&mut self, name: &str) -> Result<Self, RequestBodyError> {
        match self.placed(name) {
            Some(placed) => placed.object(),
            None => Ok(Self { dialect: self.dialect, path: self.path_of(name), members: Fields::new() }),
        }
    }

    /// Takes a member that is a list; without it, an empty one.
    pub(super) fn list(&mut self, name: &str) -> Result<Vec<Placed>, RequestBodyError> {
        self.placed(name).map_or(Ok(Vec::new()), Placed::list)
    }

    /// Whether no member remains.
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Checks that no member remains.
    pub(super) fn finish(self) -> Result<(), RequestBodyError> {
        if self.is_empty() { Ok(()) } else { Err(self.first_left()) }
    }

    /// The error for the first member that remains.
    pub(super) fn first_left(&self) -> RequestBodyError {
        self.unsupported(self.members.iter().next().map_or("", |(name, _)| name))
    }

    /// Moves the remaining members into the body, as fields that the model itself accepts.
    pub(super) fn finish_into(self, body: &mut Body) -> Result<(), RequestBodyError> {
        for (name, value) in &self.members {
            if body.has(name) {
                return Err(self.error(name, RequestBodyErrorReason::Repeated));
            }
            body.set(name, value.clone());
        }
        Ok(())
    }

    /// Whether a member with that name remains.
    pub(super) fn has(&self, name: &str) -> bool {
        self.members.value(name).is_some()
    }

    /// The error for a member that the dialect cannot express.
    pub(super) fn unsupported(&self, name: &str) -> RequestBodyError {
        self.error(name, RequestBodyErrorReason::Unsupported)
    }

    pub(super) fn error(&self, name: &str, reason: RequestBodyErrorReason) -> RequestBodyError {
        RequestBodyError { dialect: self.dialect, field: self.path_of(name), reason }
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.into() } else { format!("{}.{name}", self.path) }
    }
}

impl Placed {
    /// The object that it is.
    pub(super) fn object(self) -> Result<Object, RequestBodyError> {
        match members_of(self.json.as_str()) {
            Ok(members) => Ok(Object { dialect: self.dialect, path: self.path, members }),
            Err(_) => Err(self.unsupported()),
        }
    }

    /// The object that it is, with the members that are null.
    pub(super) fn whole_object(self) -> Result<Object, RequestBodyError> {
        match all_members_of(self.json.as_str()) {
            Ok(members) => Ok(Object { dialect: self.dialect, path: self.path, members }),
            Err(_) => Err(self.unsupported()),
        }
    }

    /// The one member of a union: its name and its value.
    pub(super) fn member(self) -> Result<(String, Self), RequestBodyError> {
        let mut object = self.object()?;
        let name = object.members.iter().next().map(|(name, _)| String::from(name)).unwrap_or_default();
        let Some(value) = object.placed(&name) else {
            return Err(RequestBodyError {
                dialect: object.dialect,
                field: object.path,
                reason: RequestBodyErrorReason::Unsupported,
            });
        };
        object.finish()?;
        Ok((name, value))
    }

    /// The values of the list that it is.
    pub(super) fn list(self) -> Result<Vec<Self>, RequestBodyError> {
        let Ok(values) = self.json.parse::<Vec<Json>>() else { return Err(self.unsupported()) };
        let placed = |(at, json)| Self { dialect: self.dialect, path: format!("{}[{at}]", self.path), json };
        Ok(values.into_iter().enumerate().map(placed).collect())
    }

    /// The error for a value that the dialect cannot express.
    pub(super) fn unsupported(self) -> RequestBodyError {
        self.error(RequestBodyErrorReason::Unsupported)
    }

    pub(super) fn error(self, reason: RequestBodyErrorReason) -> RequestBodyError {
        RequestBodyError { dialect: self.dialect, field: self.path, reason }
    }
}
