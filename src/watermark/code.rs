//! The code that carries a payload: BCH(127, 43), which mends 14 wrong bits (Bose and Ray-Chaudhuri 1960).
//!
//! Field of 128 elements over x⁷ + x³ + 1, α = x; the generator's roots are α¹ to α²⁸ and their conjugates. A
//! word is systematic, highest power first: 43 bits of the payload, then 84 of parity. A fixed mask is added,
//! so that readings that stay all 0 or all 1 are no words. `training/watermark_code.py` is the same in Python.

/// Bits that an image carries.
pub const BITS: usize = 127;
/// Bits of them that say something.
pub const PAYLOAD_BITS: usize = 43;
/// Wrong bits that are mended.
pub const MOST_ERRORS: usize = 14;

const PARITY_BITS: usize = BITS - PAYLOAD_BITS;
/// x⁷ + x³ + 1.
const PRIMITIVE: u8 = 0b1000_1001;
/// Highest power first; of degree 84.
const GENERATOR: u128 = 0x001f_d1fd_22f5_297a_8a42_f8e3;
/// The first 127 bits of SHA-256("atelier watermark").
const MASK: u128 = 0x1532_51ad_f1c3_cf8f_1b16_5ce5_3248_2dd1;

/// α to each power, and the power of each element.
const POWERS: [u8; BITS] = field().0;
const LOGARITHMS: [u8; BITS + 1] = field().1;

/// 43 bits that an image can carry.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Payload(u64);

/// What was read from an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// What it carries.
    pub payload: Payload,
    /// Bits that were wrong and are mended.
    pub errors_corrected: usize,
}

impl Payload {
    /// The lowest 43 bits of a number.
    #[must_use]
    pub const fn new(bits: u64) -> Self {
        Self(bits & ((1 << PAYLOAD_BITS) - 1))
    }

    /// As a number below 2⁴³.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The bits that are hidden in an image for it.
    #[must_use]
    pub fn encode(self) -> [bool; BITS] {
        let shifted = u128::from(self.0) << PARITY_BITS;
        let mut rest = shifted;
        for power in (PARITY_BITS..BITS).rev() {
            if rest >> power & 1 == 1 {
                rest ^= GENERATOR << (power - PARITY_BITS);
            }
        }
        let word = (shifted ^ rest) ^ MASK;
        std::array::from_fn(|place| word >> (BITS - 1 - place) & 1 == 1)
    }
}

/// Eleven hexadecimal digits.
impl std::fmt::Display for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:011x}", self.0)
    }
}

impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Payload({self})")
    }
}

/// What bits as they were read say, if a word is within 14 errors of them. Of readings by chance, 9.1 in 10⁸ are.
#[must_use]
pub fn decode(bits: &[bool; BITS]) -> Option<Reading> {
    let read = bits
        .iter()
        .fold(0, |word, &bit| word << 1 | u128::from(bit));
    let word = read ^ MASK;
    let syndromes = syndromes(word);
    let locator = shortest_register(&syndromes);
    let errors = locator.len() - 1;
    let is_wrong = |power: &usize| value(&locator, POWERS[(BITS - power) % BITS]) == 0;
    let wrong: Vec<usize> = (0..BITS).filter(is_wrong).collect();
    if errors > MOST_ERRORS || wrong.len() != errors {
        return None;
    }
    let mended = wrong.iter().fold(word, |word, power| word ^ 1 << power);
    if self::syndromes(mended) != [0; 2 * MOST_ERRORS] {
        return None;
    }
    // The upper 43 of 127 bits.
    let payload = Payload::new((mended >> PARITY_BITS) as u64);
    Some(Reading {
        payload,
        errors_corrected: errors,
    })
}

/// The word's polynomial at α¹ to α²⁸; all 0 for a word of the code.
fn syndromes(word: u128) -> [u8; 2 * MOST_ERRORS] {
    std::array::from_fn(|place| {
        let ones = (0..BITS).filter(|power| word >> power & 1 == 1);
        ones.fold(0, |sum, power| sum ^ POWERS[power * (place + 1) % BITS])
    })
}

/// Berlekamp's and Massey's error locator, lowest power first, without zeros at its end.
fn shortest_register(syndromes: &[u8]) -> Vec<u8> {
    let (mut locator, mut earlier) = (vec![1], vec![1]);
    let (mut length, mut gap, mut before) = (0, 1, 1);
    for at in 0..syndromes.len() {
        let terms = locator.iter().take(length + 1).enumerate().skip(1);
        let wrong = terms.fold(syndromes[at], |sum, (place, &factor)| {
            sum ^ times(factor, syndromes[at - place])
        });
        if wrong != 0 {
            let factor = times(wrong, inverse(before));
            let sooner = locator.clone();
            locator.resize(locator.len().max(earlier.len() + gap), 0);
            for (place, &value) in earlier.iter().enumerate() {
                locator[place + gap] ^= times(factor, value);
            }
            if 2 * length <= at {
                (length, earlier, before, gap) = (at + 1 - length, sooner, wrong, 0);
            }
        }
        gap += 1;
    }
    while locator.last() == Some(&0) {
        locator.pop();
    }
    locator
}

/// A polynomial's value, lowest power first.
fn value(polynomial: &[u8], at: u8) -> u8 {
    let highest_first = polynomial.iter().rev();
    highest_first.fold(0, |found, &factor| times(found, at) ^ factor)
}

fn times(one: u8, other: u8) -> u8 {
    if one == 0 || other == 0 {
        return 0;
    }
    let sum = LOGARITHMS[one as usize] as usize + LOGARITHMS[other as usize] as usize;
    POWERS[sum % BITS]
}

/// Of an element that isn't 0.
fn inverse(element: u8) -> u8 {
    POWERS[(BITS - LOGARITHMS[element as usize] as usize) % BITS]
}

const fn field() -> ([u8; BITS], [u8; BITS + 1]) {
    let (mut powers, mut logarithms) = ([0; BITS], [0; BITS + 1]);
    let mut value: u8 = 1;
    let mut exponent = 0;
    while exponent < BITS {
        powers[exponent] = value;
        #[expect(clippy::cast_possible_truncation, reason = "it is below 127")]
        let logarithm = exponent as u8;
        logarithms[value as usize] = logarithm;
        value <<= 1;
        if value as usize > BITS {
            value ^= PRIMITIVE;
        }
        exponent += 1;
    }
    (powers, logarithms)
}

#[cfg(test)]
mod tests {
    use rand_mt::Mt64;
    use sha2::{Digest as _, Sha256};

    use super::*;

    /// What `training/watermark_code.py` prints.
    const VECTORS: [(u64, &str); 4] = [
        (
            0,
            "0010101001100100101000110101101111100011100001111001111100011110001101100010110010111001110010100110010010010000010110111010001",
        ),
        (
            1,
            "0010101001100100101000110101101111100011101110000011110011100100011100111100011011101011001111110111000000010101101010100110010",
        ),
        (
            0x12_3456_789a,
            "0010100000100010001010011001010011110000110111100001100010110111001110111100101000000000001101001101111000101101100100001011110",
        ),
        (
            0x7ff_ffff_ffff,
            "1101010110011011010111001010010000011100011110000110000011100001110010011101001101000110001101011001101101101111101001000101110",
        ),
    ];

    #[test]
    fn words_are_those_of_the_training_code() {
        for (payload, bits) in VECTORS {
            let encoded = Payload::new(payload).encode();
            let written: String = encoded
                .map(|bit| if bit { '1' } else { '0' })
                .iter()
                .collect();
            assert_eq!(written, bits, "{payload:#x}");
        }
    }

    #[test]
    fn the_constants_are_what_they_are_said_to_be() {
        let digest = Sha256::digest(b"atelier watermark");
        let first = digest[..16]
            .iter()
            .fold(0, |all, &byte| all << 8 | u128::from(byte));
        assert_eq!(MASK, first >> 1);
        // The product of x − α^j over the conjugates of α¹ to α²⁸.
        let conjugates =
            (1..=2 * MOST_ERRORS).flat_map(|root| (0..7).map(move |d| (root << d) % BITS));
        let roots: std::collections::BTreeSet<usize> = conjugates.collect();
        let mut polynomial = vec![1];
        for root in roots {
            let mut product = [&[0], &polynomial[..]].concat();
            for (place, &factor) in polynomial.iter().enumerate() {
                product[place] ^= times(factor, POWERS[root]);
            }
            polynomial = product;
        }
        let found = polynomial
            .iter()
            .rev()
            .fold(0, |all, &bit| all << 1 | u128::from(bit));
        assert_eq!(found, GENERATOR);
    }

    /// Different places among the bits.
    fn places(random: &mut Mt64, count: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..BITS).collect();
        for at in 0..count {
            let rest = (BITS - at) as u64;
            let other = at + usize::try_from(random.next_u64() % rest).expect("below 127");
            all.swap(at, other);
        }
        all.truncate(count);
        all
    }

    #[test]
    fn up_to_fourteen_errors_are_mended_and_counted() {
        let mut random = Mt64::new(1);
        for errors in 0..=MOST_ERRORS {
            for _ in 0..64 {
                let payload = Payload::new(random.next_u64());
                let mut bits = payload.encode();
                for place in places(&mut random, errors) {
                    bits[place] ^= true;
                }
                let reading = decode(&bits).expect("it is within reach");
                assert_eq!(
                    reading,
                    Reading {
                        payload,
                        errors_corrected: errors
                    }
                );
            }
        }
    }

    #[test]
    fn what_is_read_is_never_further_than_fourteen_errors_from_a_word() {
        let mut random = Mt64::new(2);
        for errors in 15..64 {
            for _ in 0..64 {
                let payload = Payload::new(random.next_u64());
                let mut bits = payload.encode();
                for place in places(&mut random, errors) {
                    bits[place] ^= true;
                }
                // Words lie 29 apart at least, so another one may be near, and it isn't the one that was written.
                if let Some(reading) = decode(&bits) {
                    let word = reading.payload.encode();
                    let away = word.iter().zip(&bits).filter(|(a, b)| a != b).count();
                    assert_eq!(away, reading.errors_corrected);
                    assert!(away <= MOST_ERRORS && reading.payload != payload);
                }
            }
        }
    }

    #[test]
    fn noise_and_constant_bits_carry_nothing() {
        let mut random = Mt64::new(3);
        for _ in 0..20_000 {
            let bits = std::array::from_fn(|_| random.next_u64() & 1 == 1);
            assert_eq!(decode(&bits), None);
        }
        for constant in [false, true] {
            assert_eq!(decode(&[constant; BITS]), None);
        }
    }

    #[test]
    fn a_payload_is_written_in_eleven_digits() {
        assert_eq!(Payload::new(0x1f).to_string(), "0000000001f");
        assert_eq!(Payload::new(u64::MAX).to_string(), "7ffffffffff");
    }
}
