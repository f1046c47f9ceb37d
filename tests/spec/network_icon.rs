//! IRCv3 draft network icon.

use crate::stage::Stage;
use crate::support::{member, only};

/// "If a server publishes a draft/ICON ISUPPORT token, the value MUST be a URL to an image"; it may
/// hold the template `{size}`.
#[test]
fn the_icon_of_the_config_is_told_and_none_without_one() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let heard = stage.says(&anna, "ISUPPORT");
    assert!(!heard.iter().any(|line| line.contains("ICON")), "{heard:#?}");

    let url = "https://example.org/icon.png?size={size}";
    stage.info_mut().icon = Some(url.into());
    let paul = member(&mut stage, "paul", "");
    let heard = stage.says(&paul, "ISUPPORT");
    let token = format!(" draft/ICON={url} ");
    assert_eq!(only(&heard, "005").iter().filter(|l| l.contains(&token)).count(), 1, "{heard:#?}");
}
