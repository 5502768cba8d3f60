use dockward_model::facts::{Field, Origin};
use dockward_model::{ContainerId, ImageId};

use super::*;

fn image(id: &str, tags: &[&str], digests: &[&str]) -> Image {
    let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect();
    let id = ImageId(format!("sha256:{id}"));
    Image { id, tags: texts(tags), digests: texts(digests), ..Image::default() }
}

fn engine() -> Engine {
    let images = vec![
        image("aaaa1111", &["shop:1", "shop:latest"], &["shop@sha256:77"]),
        image("aaaa2222", &["hub.example:5000/team/shop:2"], &[]),
        image("bbbb3333", &[], &[]),
    ];
    let container = |id: &str, name: &str| Container {
        id: ContainerId(id.to_owned()),
        name: name.to_owned(),
        ..Container::default()
    };
    Engine {
        images: Field::known(images, Origin::Nowhere),
        containers_listed: Field::known(true, Origin::Nowhere),
        containers: vec![container("cccc4444", "shop"), container("bbbb5555", "web")],
        ..Engine::default()
    }
}

fn told(kind: Kind, name: &str) -> String {
    match find(&[engine()], kind, name) {
        Ok(Found::Image(_, image, shown)) => format!("{shown} {}", image.id),
        Ok(Found::Container(_, container)) => format!("container {}", container.id),
        Err(why) => why,
    }
}

#[test]
fn names_are_completed_as_the_docker_command_does() {
    let shop = " sha256:aaaa1111";
    for (name, shown) in [
        ("shop", "shop:latest"),
        ("shop:1", "shop:1"),
        ("docker.io/library/shop:1", "shop:1"),
        ("shop@sha256:77", "shop@sha256:77"),
        ("shop:1@sha256:77", "shop@sha256:77"),
    ] {
        assert_eq!(told(Kind::Any, name), format!("{shown}{shop}"), "{name}");
    }
    let team = "hub.example:5000/team/shop";
    assert_eq!(told(Kind::Image, &format!("{team}:2")), format!("{team}:2 sha256:aaaa2222"));
    assert_eq!(told(Kind::Image, team), "no image has this name");
    assert_eq!(told(Kind::Any, "shop:3"), "no file, image or container has this name");
}

#[test]
fn an_image_comes_before_a_container_unless_one_is_asked_for() {
    assert_eq!(told(Kind::Container, "shop"), "container cccc4444");
    assert_eq!(told(Kind::Any, "web"), "container bbbb5555");
    assert_eq!(told(Kind::Image, "web"), "no image has this name");
}

#[test]
fn an_id_may_be_short_but_must_mean_one() {
    assert_eq!(told(Kind::Any, "aaaa1"), "shop:1 sha256:aaaa1111");
    assert_eq!(told(Kind::Any, "sha256:aaaa2222"), told(Kind::Any, "aaaa2"));
    assert_eq!(told(Kind::Any, "bbbb3"), "sha256:bbbb3333 sha256:bbbb3333");
    assert_eq!(told(Kind::Container, "bbbb"), "container bbbb5555");
    let several = told(Kind::Any, "aaaa");
    assert_eq!(several, "it is a name of more than one: sha256:aaaa1111, sha256:aaaa2222");
    assert_eq!(told(Kind::Any, "aaa"), "no file, image or container has this name");
    assert_eq!(told(Kind::Any, ""), "no file, image or container has this name");
}

#[test]
fn what_could_not_be_listed_may_be_there() {
    let blind = Engine {
        images: Field::unknown("the list was cut off", Origin::Nowhere),
        ..Engine::default()
    };
    let why = find(&[blind], Kind::Image, "shop").unwrap_err();
    assert_eq!(why, "no image has this name, but the list was cut off");
}
