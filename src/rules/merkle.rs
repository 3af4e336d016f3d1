//! Merkle trees as RFC 6962 (section 2.1) has them, over SHA-256: one hash for a list, such that any entry that is changed,
//! removed, added or moved gives another.

use sha2::{Digest, Sha256};

/// A hash.
pub type Hash = [u8; 32];

/// Hash of one entry.
pub fn leaf(data: &[u8]) -> Hash {
    Sha256::new().chain_update([0x00]).chain_update(data).finalize().into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([0x01]).chain_update(left).chain_update(right).finalize().into()
}

/// Builds the root of a list that need not be held: memory grows with the logarithm of its length.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// Roots of full subtrees with their heights, heights falling.
    peaks: Vec<(u32, Hash)>,
    len: u64,
}

impl Tree {
    /// Appends one entry.
    pub fn push(&mut self, data: &[u8]) {
        let mut height = 0;
        let mut hash = leaf(data);
        while let Some((_, left)) = self.peaks.pop_if(|(peak, _)| *peak == height) {
            hash = node(&left, &hash);
            height += 1;
        }
        self.peaks.push((height, hash));
        self.len += 1;
    }

    /// How many entries there are.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// True where there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The root; that of an empty list is the hash of nothing.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some((_, last)) = peaks.next() else { return Sha256::digest([]).into() };
        peaks.fold(*last, |right, (_, left)| node(left, &right))
    }
}
