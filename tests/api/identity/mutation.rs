//! Random changes of valid tokens: the same ones in every run.

use partnership_registry::auth::{Auth, Settings};
use partnership_registry::error::Error;

use super::*;

/// SplitMix64: small, and the same everywhere.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(limit).unwrap()).unwrap()
    }

    fn byte(&mut self) -> u8 {
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/~%";
        letters[self.below(letters.len())]
    }

    /// One of two tokens with one to three changes, in ASCII that a header can hold.
    fn mutant(&mut self, tokens: [&str; 2]) -> String {
        let mut token = tokens[self.below(2)].as_bytes().to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(token.len());
            match self.below(7) {
                0 | 1 => token[at] = self.byte(),
                2 => token.insert(at, self.byte()),
                3 if token.len() > 1 => drop(token.remove(at)),
                4 => token.truncate(at.max(1)),
                5 => {
                    let other = self.below(token.len());
                    token.swap(at, other);
                }
                // One part of a token in the place of another, or of the other token's.
                _ => {
                    let part = |text: &[u8], n: usize| text.split(|byte| *byte == b'.').nth(n).map(<[u8]>::to_vec);
                    let source = tokens[self.below(2)].as_bytes();
                    let mut parts: Vec<_> = (0..3).map(|n| part(&token, n).unwrap_or_default()).collect();
                    parts[self.below(3)] = part(source, self.below(3)).unwrap_or_default();
                    token = parts.join(&b'.');
                }
            }
        }
        String::from_utf8(token).unwrap()
    }
}

/// Fails without the signature.
#[test]
fn no_mutant_of_a_token_is_one() {
    let app = TestApp::spawn();
    let (root, vera) = (app.token("root"), app.token("vera"));
    let tokens = [root.as_str(), vera.as_str()];
    let directory = app.app.database.directory();
    let auth = Auth::open(app.app.db.clone(), directory, Settings::default()).unwrap();
    let mut chance = Chance(20_261_124);
    let mut tried = 0;
    actix_web::rt::System::new().block_on(async {
        for token in tokens {
            assert!(auth.authenticate(token).await.is_ok(), "what follows fails for its changes");
        }
        while tried < 100_000 {
            let mutant = chance.mutant(tokens);
            // Two changes may undo each other.
            if !tokens.contains(&mutant.as_str()) {
                let judged = auth.authenticate(&mutant).await;
                assert!(matches!(judged, Err(Error::Unauthenticated(_))), "{judged:?} for {mutant}");
                tried += 1;
            }
        }
    });
    for _ in 0..300 {
        let mutant = chance.mutant(tokens);
        if !tokens.contains(&mutant.as_str()) {
            assert_eq!(app.get("/api/v1/auth/me", &mutant).status, 401, "{mutant}");
        }
    }
}
