//! What requests are held to at the moment, and what comes of it whatever is asked.

use crate::judge::{Held, profile};
use crate::profile::{Denying, denying};
use dockward_policy::{CallerSettings, Config, Profile};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Settings, and the rules that deny under them, profile by profile.
pub(crate) struct InForce {
    pub(crate) config: Config,
    observe: Denying,
    baseline: Denying,
    restricted: Denying,
}

impl From<Config> for InForce {
    fn from(config: Config) -> Self {
        let of = |profile| denying(&config.guard, profile);
        Self {
            observe: of(Profile::Observe),
            baseline: of(Profile::Baseline),
            restricted: of(Profile::Restricted),
            config,
        }
    }
}

impl InForce {
    /// What a caller of these settings is held to.
    pub(crate) fn held<'a>(&'a self, settings: &'a CallerSettings) -> Held<'a> {
        let config = &self.config;
        let denying = match profile(config, settings) {
            Profile::Observe => &self.observe,
            Profile::Baseline => &self.baseline,
            Profile::Restricted => &self.restricted,
        };
        Held { config, settings, denying, today: today(config) }
    }
}

/// The day by which waivers hold, in UTC as for a check; where there are none nobody asks for it.
#[inline(never)]
fn today(config: &Config) -> Date {
    match config.waivers.is_empty() {
        true => Date::ZERO,
        false => Timestamp::now().to_zoned(TimeZone::UTC).date(),
    }
}
