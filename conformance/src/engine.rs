//! The engine on its own socket: to prepare, to look, to clean up.

use std::cell::Cell;

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::connection::{Address, Expected};
use crate::{Error, image};

/// How everything begins that the suite makes; nothing else is ever removed.
pub(crate) const PREFIX: &str = "dockward-conformance";

/// The engine, ready for cases.
#[derive(Debug)]
pub(crate) struct Engine {
    address: Address,
    /// How its version begins, for instance `20.10`.
    pub(crate) version: String,
    /// The newest version of its API, for instance `v1.41`.
    pub(crate) api: String,
    /// The image that containers are made of.
    pub(crate) image: String,
    /// It managed a swarm before the suite came, which then leaves that alone.
    had_swarm: bool,
    /// How many names were given out.
    names: Cell<u32>,
}

impl Engine {
    /// Looks at the engine, refuses one that is in use unless `for_tests`, and imports an image unless one is named.
    pub(crate) fn prepare(
        address: Address,
        image: Option<&str>,
        for_tests: bool,
    ) -> Result<Self, Error> {
        let mut engine = Self {
            address,
            version: String::new(),
            api: String::new(),
            image: image.unwrap_or(PREFIX).to_owned(),
            had_swarm: false,
            names: Cell::new(0),
        };
        let version = engine.json("/version")?;
        let word = |at: &str| version.get(at).and_then(Value::as_str).unwrap_or_default();
        engine.version = word("Version").split('.').take(2).collect::<Vec<_>>().join(".");
        engine.api = format!("v{}", word("ApiVersion"));
        let theirs = engine.foreign_containers()?;
        if theirs > 0 && !for_tests {
            return Err(Error::InUse(theirs));
        }
        if image.is_none() && word("Arch") != "amd64" {
            return Err(Error::Machine(word("Arch").to_owned()));
        }
        engine.had_swarm = engine.manages()?;
        engine.clean_up(false)?;
        if image.is_none() {
            engine.import()?;
        }
        Ok(engine)
    }

    /// A name that nothing had before: what came too late for its own case is not taken for another's.
    pub(crate) fn name(&self) -> String {
        self.names.set(self.names.get() + 1);
        format!("{PREFIX}-{}", self.names.get())
    }

    /// Sends a request without a version as it stands; the answer may be any.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        kind: &str,
        body: &[u8],
    ) -> Result<Answer, Error> {
        let mut bytes = format!(
            "{method} {path} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\nContent-Type: {kind}\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        bytes.extend_from_slice(body);
        let exchange = self.address.exchange(&bytes, &Expected::default())?;
        exchange.answers.into_iter().next().ok_or_else(|| Error::Engine {
            asked: format!("{method} {path}"),
            why: "no answer that can be read".to_owned(),
        })
    }

    /// Writes a case's bytes to the engine.
    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    pub(crate) fn get(&self, path: &str) -> Result<Answer, Error> {
        self.ask("GET", path, "application/json", b"")
    }

    pub(crate) fn json(&self, path: &str) -> Result<Value, Error> {
        let answer = self.get(path)?;
        let json = answer.json().filter(|_| answer.status == 200);
        json.ok_or_else(|| Error::Engine { asked: path.to_owned(), why: answer.line() })
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Answer, Error> {
        let answer = self.ask("POST", path, "application/json", body.to_string().as_bytes())?;
        if answer.status < 400 {
            return Ok(answer);
        }
        Err(Error::Engine { asked: format!("POST {path}"), why: answer.line() })
    }

    /// A plain container of that name.
    pub(crate) fn create(&self, name: &str) -> Result<(), Error> {
        let path = format!("/containers/create?name={name}");
        self.post(&path, &json!({"Image": self.image})).map(drop)
    }

    pub(crate) fn start(&self, name: &str) -> Result<(), Error> {
        self.post(&format!("/containers/{name}/start"), &Value::Null).map(drop)
    }

    /// Makes it the only manager of a swarm, unless it has one.
    pub(crate) fn init_swarm(&self) -> Result<(), Error> {
        if self.manages()? {
            return Ok(());
        }
        let address = json!({"ListenAddr": "127.0.0.1:2377", "AdvertiseAddr": "127.0.0.1"});
        self.post("/swarm/init", &address).map(drop)
    }

    fn manages(&self) -> Result<bool, Error> {
        // Not /info, which asks much more: 503 says that this is no manager.
        Ok(self.get("/swarm")?.status == 200)
    }

    fn import(&self) -> Result<(), Error> {
        let path =
            format!("/images/create?fromSrc=-&repo={PREFIX}&changes=CMD%20%5B%22/stay%22%5D");
        let answer = self.ask("POST", &path, "application/x-tar", &image::root())?;
        let there = self.get(&format!("/images/{PREFIX}/json"))?.status == 200;
        if there {
            return Ok(());
        }
        Err(Error::Engine { asked: path, why: answer.line() })
    }

    fn foreign_containers(&self) -> Result<usize, Error> {
        let all = self.json("/containers/json?all=1")?;
        Ok(items(&all).filter(|one| !self.is_ours(one)).count())
    }

    fn is_ours(&self, container: &Value) -> bool {
        let image = container.get("Image").and_then(Value::as_str).unwrap_or_default();
        strings(container, "Names").any(begins) || begins(image)
    }

    /// Removes what the suite made, but its image; `keep_swarm` leaves the swarm in which the next cases run.
    pub(crate) fn clean_up(&self, keep_swarm: bool) -> Result<(), Error> {
        let swarm = !self.had_swarm && self.manages()?;
        if swarm && keep_swarm {
            self.clean_swarm()?;
        }
        if swarm && !keep_swarm {
            self.post("/swarm/leave?force=1", &Value::Null)?;
        }
        let all = self.json("/containers/json?all=1")?;
        for one in items(&all).filter(|one| self.is_ours(one)) {
            self.delete("/containers", id(one, "Id"), "?force=1&v=1")?;
        }
        let all = self.json("/plugins")?;
        for name in items(&all).map(|one| id(one, "Name")).filter(|name| begins(name)) {
            self.delete("/plugins", name, "?force=1")?;
        }
        let all = self.json("/volumes")?;
        let volumes = all.get("Volumes").unwrap_or(&Value::Null);
        for name in items(volumes).map(|one| id(one, "Name")).filter(|name| begins(name)) {
            self.delete("/volumes", name, "?force=1")?;
        }
        let all = self.json("/networks")?;
        for one in items(&all).filter(|one| begins(id(one, "Name"))) {
            self.delete("/networks", id(one, "Id"), "")?;
        }
        self.clean_images()
    }

    fn clean_images(&self) -> Result<(), Error> {
        let all = self.json("/images/json")?;
        let own = format!("{PREFIX}:latest");
        for tag in items(&all).flat_map(|one| strings(one, "RepoTags")) {
            // A case may put a registry before the name.
            if tag.contains(PREFIX) && tag != own {
                self.delete("/images", tag, "?force=1")?;
            }
        }
        // What a case builds carries this label, also where it got no name.
        let built = format!("/images/json?filters=%7B%22label%22%3A%5B%22{PREFIX}%22%5D%7D");
        for one in items(&self.json(&built)?) {
            self.delete("/images", id(one, "Id"), "?force=1")?;
        }
        Ok(())
    }

    fn clean_swarm(&self) -> Result<(), Error> {
        for kind in ["/services", "/secrets", "/configs"] {
            let all = self.get(kind)?.json().unwrap_or_default();
            for one in items(&all) {
                let name = one.pointer("/Spec/Name").and_then(Value::as_str).unwrap_or_default();
                if begins(name) {
                    self.delete(kind, id(one, "ID"), "")?;
                }
            }
        }
        Ok(())
    }

    /// Removes everything, the image and the swarm included.
    pub(crate) fn leave(&self) -> Result<(), Error> {
        self.clean_up(false)?;
        if self.image == PREFIX {
            self.delete("/images", PREFIX, "?force=1")?;
        }
        Ok(())
    }

    fn delete(&self, kind: &str, id: &str, query: &str) -> Result<(), Error> {
        let path = format!("{kind}/{id}{query}");
        let answer = self.ask("DELETE", &path, "application/json", b"")?;
        // It may have gone with something else.
        if answer.status < 400 || answer.status == 404 {
            return Ok(());
        }
        Err(Error::Engine { asked: format!("DELETE {path}"), why: answer.line() })
    }
}

fn begins(name: &str) -> bool {
    name.trim_start_matches('/').starts_with(PREFIX)
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn id<'a>(one: &'a Value, key: &str) -> &'a str {
    one.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn strings<'a>(one: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    one.get(key).map(items).into_iter().flatten().filter_map(Value::as_str)
}
