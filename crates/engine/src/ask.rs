//! The questions that can be asked, and the tars. There are no others, and all of them are `GET`s.

use crate::limits::Limits;
use crate::version::ApiVersion;

/// A tar that an engine makes of something, for [`Client::tar`](crate::Client::tar). Ids are encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packed {
    /// `/images/{id}/get`: what `docker save` writes.
    Image(String),
    /// `/containers/{id}/export`: the root of a container, running or not, as one tar.
    Container(String),
}

impl Packed {
    /// The whole path in a version of the API.
    pub(crate) fn endpoint(&self, version: ApiVersion) -> String {
        match self {
            Self::Image(id) => format!("/v{version}/images/{}/get", segment(id)),
            Self::Container(id) => format!("/v{version}/containers/{}/export", segment(id)),
        }
    }
}

/// One question to an engine, for [`Client::get`](crate::Client::get) and its like. Ids may be
/// anything that an engine said: they are encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// `/version` → [`Version`](crate::api::Version).
    Version,
    /// `/info` → [`Info`](crate::api::Info).
    Info,
    /// `/containers/json?all=1` → a list of [`ContainerSummary`](crate::api::ContainerSummary).
    Containers,
    /// The same with sizes: the engine walks through the file system of each container for it,
    /// which can take minutes.
    ContainersWithSize,
    /// `/containers/{id}/json` → [`ContainerInspect`](crate::api::ContainerInspect).
    Container(String),
    /// `/exec/{id}/json` → [`ExecInspect`](crate::api::ExecInspect).
    Exec(String),
    /// `/images/json` → a list of [`ImageSummary`](crate::api::ImageSummary).
    Images,
    /// `/images/{id}/json` → [`ImageInspect`](crate::api::ImageInspect).
    Image(String),
    /// `/images/{id}/history` → a list of [`ImageHistory`](crate::api::ImageHistory).
    History(String),
    /// `/networks` → a list of [`Network`](crate::api::Network), without their containers.
    Networks,
    /// `/networks/{id}` → [`Network`](crate::api::Network).
    Network(String),
    /// `/volumes` → [`Volumes`](crate::api::Volumes).
    Volumes,
    /// `/plugins` → a list of [`Plugin`](crate::api::Plugin).
    Plugins,
    /// `/swarm` → [`Swarm`](crate::api::Swarm); a manager only.
    Swarm,
    /// `/nodes` → a list of [`Node`](crate::api::Node); a manager only.
    Nodes,
    /// `/services` → a list of [`Service`](crate::api::Service); a manager only.
    Services,
    /// `/secrets` → a list of [`Stored`](crate::api::Stored); a manager only.
    Secrets,
    /// `/configs` → a list of [`Stored`](crate::api::Stored); a manager only.
    Configs,
}

impl Ask {
    /// Path and query, below the version.
    fn path(&self) -> String {
        match self {
            Self::Version => "/version".to_owned(),
            Self::Info => "/info".to_owned(),
            Self::Containers => "/containers/json?all=1".to_owned(),
            Self::ContainersWithSize => "/containers/json?all=1&size=1".to_owned(),
            Self::Container(id) => format!("/containers/{}/json", segment(id)),
            Self::Exec(id) => format!("/exec/{}/json", segment(id)),
            Self::Images => "/images/json".to_owned(),
            Self::Image(id) => format!("/images/{}/json", segment(id)),
            Self::History(id) => format!("/images/{}/history", segment(id)),
            Self::Networks => "/networks".to_owned(),
            Self::Network(id) => format!("/networks/{}", segment(id)),
            Self::Volumes => "/volumes".to_owned(),
            Self::Plugins => "/plugins".to_owned(),
            Self::Swarm => "/swarm".to_owned(),
            Self::Nodes => "/nodes".to_owned(),
            Self::Services => "/services".to_owned(),
            Self::Secrets => "/secrets".to_owned(),
            Self::Configs => "/configs".to_owned(),
        }
    }

    /// The whole path in a version of the API.
    pub(crate) fn endpoint(&self, version: ApiVersion) -> String {
        format!("/v{version}{}", self.path())
    }

    /// Bytes that the answer's body may have.
    pub(crate) fn limit(&self, limits: &Limits) -> usize {
        match self {
            Self::Version => limits.small,
            Self::Container(_)
            | Self::Exec(_)
            | Self::Image(_)
            | Self::History(_)
            | Self::Network(_)
            | Self::Swarm => limits.one,
            _ => limits.list,
        }
    }

    /// Whether a 404 says that one thing among many is gone.
    pub(crate) fn is_about_one(&self) -> bool {
        matches!(
            self,
            Self::Container(_)
                | Self::Exec(_)
                | Self::Image(_)
                | Self::History(_)
                | Self::Network(_)
        )
    }
}

/// One segment of a path: everything that could end it, or the request line, is encoded.
fn segment(id: &str) -> String {
    let mut segment = String::with_capacity(id.len());
    for byte in id.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b':' => {
                segment.push(char::from(byte));
            }
            _ => segment.push_str(&format!("%{byte:02X}")),
        }
    }
    segment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_leave_its_segment_nor_the_request_line() {
        let ask = Ask::Container("../x?a#b %\r\nGET /é".into());
        assert_eq!(
            ask.endpoint(ApiVersion::OLDEST),
            "/v1.41/containers/..%2Fx%3Fa%23b%20%25%0D%0AGET%20%2F%C3%A9/json"
        );
        let image = Ask::Image("sha256:ab".into());
        assert_eq!(image.endpoint(ApiVersion::NEWEST), "/v1.51/images/sha256:ab/json");
    }

    #[test]
    fn tars_are_asked_for_by_encoded_ids() {
        let path = Packed::Image("sha256:ab".into()).endpoint(ApiVersion::OLDEST);
        assert_eq!(path, "/v1.41/images/sha256:ab/get");
        let path = Packed::Container("../x".into()).endpoint(ApiVersion::OLDEST);
        assert_eq!(path, "/v1.41/containers/..%2Fx/export");
    }

    #[test]
    fn sizes_are_only_asked_for_by_name() {
        let path = Ask::Containers.endpoint(ApiVersion::OLDEST);
        assert_eq!(path, "/v1.41/containers/json?all=1");
        let path = Ask::ContainersWithSize.endpoint(ApiVersion::OLDEST);
        assert_eq!(path, "/v1.41/containers/json?all=1&size=1");
    }
}
