"""The code that carries a watermark's payload: BCH(127, 43), which corrects 14 errors (Bose and Ray-Chaudhuri 1960).

    python training/watermark_code.py          # print the generator, how seldom chance reads as a mark, and test vectors

Field of 128 elements over x^7 + x^3 + 1, alpha = x; the generator's roots are alpha^1 to alpha^28 and their conjugates. A word
is systematic, highest power first: 43 bits of the payload, most significant first, then 84 of parity. A fixed mask is added,
so that readings that stay all 0 or all 1 aren't words.
"""

import hashlib
import math
import sys

LENGTH, PAYLOAD, ERRORS = 127, 43, 14
PRIMITIVE = 0b10001001
MASK = int.from_bytes(hashlib.sha256(b"atelier watermark").digest(), "big") >> (256 - LENGTH)


def _field() -> tuple[list[int], list[int]]:
    powers, logs, value = [], [0] * (LENGTH + 1), 1
    for exponent in range(LENGTH):
        powers.append(value)
        logs[value] = exponent
        value <<= 1
        value ^= PRIMITIVE if value > LENGTH else 0
    return powers, logs


POWERS, LOGS = _field()


def times(a: int, b: int) -> int:
    return POWERS[(LOGS[a] + LOGS[b]) % LENGTH] if a and b else 0


def _generator() -> int:
    """The product of x - alpha^j over all the conjugates of alpha^1 to alpha^28; its coefficients are bits."""
    roots = {root * 2**double % LENGTH for root in range(1, 2 * ERRORS + 1) for double in range(7)}
    polynomial = [1]  # lowest power first
    for root in sorted(roots):
        shifted = [0, *polynomial]
        polynomial = [high ^ times(low, POWERS[root]) for high, low in zip(shifted, [*polynomial, 0], strict=True)]
    return sum(bit << power for power, bit in enumerate(polynomial))


GENERATOR = _generator()


def encode(payload: int) -> list[int]:
    """The 127 bits to hide."""
    if not 0 <= payload < 1 << PAYLOAD:
        raise ValueError(f"a payload has {PAYLOAD} bits, so it is below {1 << PAYLOAD}, not {payload}")
    rest = word = payload << (LENGTH - PAYLOAD)
    for power in reversed(range(LENGTH - PAYLOAD, LENGTH)):
        if rest >> power & 1:
            rest ^= GENERATOR << (power - (LENGTH - PAYLOAD))
    return _bits((word ^ rest) ^ MASK)


def decode(bits: list[int]) -> tuple[int, int] | None:
    """(payload, errors corrected) of 127 bits as they were read, or None where no word is within 14 errors."""
    word = int("".join(str(int(bit)) for bit in bits), 2) ^ MASK
    ones = [power for power in range(LENGTH) if word >> power & 1]
    syndromes = [_sum(POWERS[power * root % LENGTH] for power in ones) for root in range(1, 2 * ERRORS + 1)]
    locator = _shortest_register(syndromes)
    wrong = [power for power in range(LENGTH) if _value(locator, POWERS[-power % LENGTH]) == 0]
    if len(locator) - 1 > ERRORS or len(wrong) != len(locator) - 1:
        return None
    for power in wrong:
        word ^= 1 << power
    return word >> (LENGTH - PAYLOAD), len(wrong)


def _shortest_register(syndromes: list[int]) -> list[int]:
    """Berlekamp and Massey's error locator, lowest power first, without the zeros at its end."""
    locator, earlier, length, gap, before = [1], [1], 0, 1, 1
    for at, syndrome in enumerate(syndromes):
        wrong = syndrome ^ _sum(times(locator[i], syndromes[at - i]) for i in range(1, min(length, len(locator) - 1) + 1))
        if wrong:
            factor = times(wrong, POWERS[-LOGS[before] % LENGTH])
            change = [0] * gap + [times(factor, value) for value in earlier]
            size = max(len(locator), len(change))
            sooner = locator
            locator = [a ^ b for a, b in zip(locator + [0] * (size - len(locator)), change + [0] * (size - len(change)), strict=True)]
            if 2 * length <= at:
                length, earlier, before, gap = at + 1 - length, sooner, wrong, 0
        gap += 1
    while locator[-1] == 0:
        locator.pop()
    return locator


def _value(polynomial: list[int], at: int) -> int:
    found = 0
    for coefficient in reversed(polynomial):
        found = times(found, at) ^ coefficient
    return found


def _sum(values) -> int:
    found = 0
    for value in values:
        found ^= value
    return found


def _bits(word: int) -> list[int]:
    return [word >> power & 1 for power in reversed(range(LENGTH))]


def chance(errors: int = ERRORS) -> float:
    """How often 127 bits by chance are within so many errors of some word: balls around words don't overlap, so they are counted."""
    return 2**PAYLOAD * sum(math.comb(LENGTH, count) for count in range(errors + 1)) / 2**LENGTH


if __name__ == "__main__":
    sys.stdout.write(f"generator, highest power first: {GENERATOR:#x} (degree {GENERATOR.bit_length() - 1})\nmask: {MASK:#034x}\n")
    sys.stdout.write(f"a picture without a mark reads as one by chance: {chance():.3g}\n")
    for payload in (0, 1, 0x123456789A, (1 << PAYLOAD) - 1):
        sys.stdout.write(f"{payload:#013x} -> {''.join(map(str, encode(payload)))}\n")
