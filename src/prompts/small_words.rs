//! The words that every sentence has, and that mean nothing to a model.
//!
//! They are tolerated anywhere and never reported as not understood. Some of them are labels too:
//! "un" is an article and a number, "a" an article and a letter. Those count by their place.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::models::words::{Word, words};

/// A set of words, which are also recognised when typed without their accents.
pub(super) struct Set {
    keys: HashSet<String>,
    bare: HashSet<String>,
}

impl Set {
    pub(super) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let all: Vec<Word> = texts.into_iter().flat_map(words).collect();
        Self {
            keys: all.iter().map(|word| word.key.clone()).collect(),
            bare: all.into_iter().map(|word| word.bare).collect(),
        }
    }

    /// As [`has`](Self::has), but with every accent: "it" is not "ít".
    pub(super) fn spells(&self, word: &Word) -> bool {
        self.keys.contains(&word.key)
    }

    pub(super) fn has(&self, word: &Word) -> bool {
        self.keys.contains(&word.key) || (word.is_bare() && self.bare.contains(&word.bare))
    }
}

/// What a number or a letter follows: "the number one", "le chiffre un", "số một".
static NOUNS: LazyLock<Set> = LazyLock::new(|| {
    Set::of([
        "number numeral digit figure letter",
        "chiffre nombre numéro lettre",
        "số chữ",
    ])
});

static ARTICLES: LazyLock<Set> = LazyLock::new(|| {
    Set::of([
        "a an the this that my your some",
        "un une le la les ce cet cette mon ma ton ta votre des",
        "một cái chiếc này",
    ])
});

static AND: LazyLock<Set> = LazyLock::new(|| Set::of(["and or", "et ou", "và hoặc"]));

/// What stands after the thing that is asked for.
static AFTER: LazyLock<Set> = LazyLock::new(|| {
    Set::of([
        "in on with at by for from of to please thanks that which who is",
        "en dans sur avec sans par pour de du à au aux qui que est s'il svp merci",
        "cho với bằng trên trong của ở giúp nhé nha đi ạ được là",
    ])
});

static OTHERS: LazyLock<Set> = LazyLock::new(|| {
    Set::of([
        "one i me you it its he she we want like would could can will draw drawn paint painted make made \
         write written show give generate create image image photo drawing painting no not nr",
        "je j moi tu peux peut pouvez te toi vous il elle on nous veux voudrais dessine dessiner dessinez dessin \
         peins peindre peinture écris écrire écrit écrite ne montre montrer donne fais faire génère \
         générer crée créer image photo plaît plait n no y",
        "tôi mình bạn em thể anh hãy vẽ viết tạo xin muốn một con bức tấm hình ảnh tranh nét không có",
    ])
});

/// Who has or wears what comes next, and how it is said to be worn.
static WEARING: LazyLock<Set> = LazyLock::new(|| {
    Set::of([
        "wear wears wearing worn has have having had any be being is are",
        "porte portes portent portant porter a as ont ai avoir ayant est être étant avec",
        "đeo mang mặc đội có cái chiếc đôi phải là bị cần",
    ])
});

/// Whether it may stand between "without" or "more" and what that is said of.
pub(super) fn is_of_wearing(word: &Word) -> bool {
    [&WEARING, &ARTICLES, &NOUNS]
        .into_iter()
        .any(|set| set.has(word))
        || matches!(word.key.as_str(), "de" | "d" | "of")
}

/// Whether it is a small word of one of the languages, whatever else it may be.
pub(super) fn is_small(words: &[Word], at: usize) -> bool {
    let sets = [&NOUNS, &ARTICLES, &AND, &AFTER, &OTHERS, &WEARING];
    is_elided(words, at) || sets.into_iter().any(|set| set.has(&words[at]))
}

/// Whether it is what an apostrophe left of a word ("l'", "d'", "'s"), which is never a letter.
pub(super) fn is_elided(words: &[Word], at: usize) -> bool {
    let joins = |word: &Word| matches!(word.gap.as_str(), "'" | "’");
    let before = ["l", "d", "j", "m", "n", "s", "t", "c", "qu"];
    let after = ["s", "t", "d", "m", "ll", "re", "ve"];
    let key = words[at].key.as_str();
    let followed = joins(&words[at]) && at + 1 < words.len() && before.contains(&key);
    followed || (at > 0 && joins(&words[at - 1]) && after.contains(&key))
}

/// Whether a word for a number or a letter stands before this one.
pub(super) fn follows_noun(words: &[Word], at: usize) -> bool {
    at > 0 && NOUNS.has(&words[at - 1])
}

/// How sure it is that a small word stands for a label here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// "the number one", "a one", "one and two".
    Label,
    /// "draw one".
    Perhaps,
    /// "one handwritten digit".
    SmallWord,
}

/// Judges a small word that spells a label by its neighbours.
pub(super) fn judge(words: &[Word], at: usize) -> Doubt {
    let after_article = at > 0 && ARTICLES.has(&words[at - 1]);
    let next = words.get(at + 1);
    let pause = words[at]
        .gap
        .contains([',', '.', ';', ':', '!', '?', '"', '»', '”', ')']);
    let phrase_ends = pause
        || next.is_none_or(|next| AFTER.has(next) || AND.has(next))
        || is_elided(words, at + 1);
    let beside_and = at > 0 && AND.has(&words[at - 1]) || next.is_some_and(|next| AND.has(next));
    match (phrase_ends, after_article || beside_and) {
        _ if follows_noun(words, at) => Doubt::Label,
        (true, true) => Doubt::Label,
        (true, false) => Doubt::Perhaps,
        (false, _) if after_article => Doubt::Perhaps,
        (false, _) => Doubt::SmallWord,
    }
}
