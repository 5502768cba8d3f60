//! Which files a package has: `BASENAMES`, each in one of `DIRNAMES`, by `DIRINDEXES`.

use super::bytes::size;
use super::header::Header;

const DIRINDEXES: u32 = 1116;
const BASENAMES: u32 = 1117;
const DIRNAMES: u32 = 1118;

/// The folder and the name of each file of a package, as its header has them: the folder begins and
/// ends with `/`. Files that are only owned (`%ghost`) are among them.
pub fn files<'a>(header: &Header<'a>) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
    let folders: Vec<&[u8]> = header.texts(DIRNAMES).collect();
    header
        .texts(BASENAMES)
        .zip(header.numbers(DIRINDEXES))
        .filter_map(move |(name, folder)| folders.get(size(folder)).map(|folder| (*folder, name)))
}
