//! Every image with its history.

use std::sync::atomic::{AtomicUsize, Ordering};

use dockward_engine::api::{ImageInspect, ImageSummary};
use dockward_engine::{Client, Error, FromJson, Lenient};
use dockward_model::facts::{Field, Image};

use super::Asking;
use crate::field::Answered;
use crate::image::image;
use crate::progress::{Phase, Progress};
use crate::unseen::Notes;

pub(super) fn ask(
    asking: Asking<'_>,
    summaries: Result<Vec<ImageSummary>, Error>,
    notes: &Notes,
) -> Field<Vec<Image>> {
    let origin = Answered::new("/images/json").origin("");
    let summaries = match summaries {
        Ok(summaries) => summaries,
        Err(error) => {
            notes.failed("images", &error);
            return Field::unknown(error.to_string(), origin);
        }
    };
    let most = asking.options.most_images;
    let some = summaries.get(..most).unwrap_or(&summaries);
    if some.len() < summaries.len() {
        let why = format!("the engine has {} images, {most} are looked at", summaries.len());
        notes.add(&format!("{} images", summaries.len() - most), &why, "");
        return Field::unknown(why, origin);
    }
    let done = AtomicUsize::new(0);
    let of = some.len();
    let asked = asking.client.each(some, |client, summary| {
        let found = one(client, summary, notes);
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        asking.tell.about(Progress { phase: Phase::Images, done, of });
        found
    });
    let mut list: Vec<_> = asked.into_iter().flatten().collect();
    list.sort_by(|a: &Image, b| (&a.tags, &a.id).cmp(&(&b.tags, &b.id)));
    Field::known(list, origin)
}

/// An image, unless it is gone.
fn one(client: &Client, summary: &ImageSummary, notes: &Notes) -> Option<Image> {
    let Some(id) = summary.id.known() else {
        notes.counted("images whose id the engine didn't tell", "", "");
        return Some(unread(summary, "", "its id could not be read"));
    };
    let inspect = match client.image(id) {
        Ok(answer) => answer.value,
        Err(error) if error.is_gone() => return None,
        Err(error) => {
            notes.counted_failure("images", &error);
            return Some(unread(summary, id, &error.to_string()));
        }
    };
    let history = match client.image_history(id) {
        Ok(answer) => Lenient::Known(answer.value),
        Err(error) if error.is_gone() => return None,
        Err(error) => {
            notes.counted_failure("images' histories", &error);
            Lenient::Odd(error.to_string())
        }
    };
    Some(image(id, summary, &inspect, &history))
}

fn unread(summary: &ImageSummary, id: &str, why: &str) -> Image {
    let nothing = ImageInspect::stand_in(why).unwrap_or_default();
    image(id, summary, &nothing, &Lenient::Odd(why.to_owned()))
}
