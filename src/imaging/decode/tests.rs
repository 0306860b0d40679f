use super::super::encode::tests::{gradient, provenance};
use super::super::{encode, with_channels};
use super::*;

fn file(format: FileFormat) -> Vec<u8> {
    encode(&gradient(24, 16, Channels::Rgb), format, &provenance()).unwrap()
}

fn decoded(bytes: &[u8]) -> Result<Image, DecodeError> {
    decode(bytes, &DecodeLimits::default())
}

/// A PNG of 2×1 pixels as the `png` crate writes it.
fn png_file(color: png::ColorType, depth: png::BitDepth, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
    encoder.set_color(color);
    encoder.set_depth(depth);
    if color == png::ColorType::Indexed {
        encoder.set_palette(vec![1, 2, 3, 4, 5, 6]);
    }
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(data).unwrap();
    writer.finish().unwrap();
    bytes
}

#[test]
fn sixteen_bits_are_rounded_to_eight() {
    let data = [0x80, 0x80, 0x01, 0x80];
    let bytes = png_file(png::ColorType::Grayscale, png::BitDepth::Sixteen, &data);
    let image = decoded(&bytes).unwrap();
    assert_eq!(
        (image.channels(), image.pixels()),
        (Channels::Grey, &[0x80, 0x01][..])
    );
}

#[test]
fn a_palette_becomes_colours() {
    let bytes = png_file(png::ColorType::Indexed, png::BitDepth::One, &[0b0100_0000]);
    let image = decoded(&bytes).unwrap();
    assert_eq!(
        (image.channels(), image.pixels()),
        (Channels::Rgb, &[1, 2, 3, 4, 5, 6][..])
    );
}

#[test]
fn one_bit_grey_spans_black_to_white() {
    let bytes = png_file(
        png::ColorType::Grayscale,
        png::BitDepth::One,
        &[0b0100_0000],
    );
    assert_eq!(decoded(&bytes).unwrap().pixels(), [0, 255]);
}

#[test]
fn grey_with_alpha_keeps_its_alpha() {
    let data = [10, 20, 30, 40];
    let bytes = png_file(png::ColorType::GrayscaleAlpha, png::BitDepth::Eight, &data);
    let image = decoded(&bytes).unwrap();
    assert_eq!(image.channels(), Channels::Rgba);
    assert_eq!(image.pixels(), [10, 10, 10, 20, 30, 30, 30, 40]);
}

#[test]
fn a_photograph_is_turned_upright() {
    let jpeg = file(FileFormat::Jpeg);
    let upright = decoded(&jpeg).unwrap();
    // An EXIF segment with one entry: orientation (0x0112), a short, 6 = turn right by 90°.
    let exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let mut turned = jpeg[..2].to_vec();
    turned.extend([0xff, 0xe1, 0, exif.len() as u8 + 2]);
    turned.extend_from_slice(exif);
    turned.extend_from_slice(&jpeg[2..]);
    let turned = decoded(&turned).unwrap();
    assert_eq!((turned.width(), turned.height()), (16, 24));
    // The last row's first pixel has become the first.
    let corner = 15 * 24 * 3;
    assert_eq!(turned.pixels()[..3], upright.pixels()[corner..corner + 3]);
}

#[test]
fn bombs_are_refused_before_their_pixels_are_allocated() {
    for format in FileFormat::ALL {
        let limits = DecodeLimits {
            max_pixels: 24 * 16 - 1,
            ..DecodeLimits::default()
        };
        let error = decode(&file(format), &limits).unwrap_err();
        assert!(matches!(
            error,
            DecodeError::TooManyPixels {
                width: 24,
                height: 16,
                max: 383
            }
        ));
    }
    // 2³¹ − 1 pixels a side, and hardly a byte behind the header.
    let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bomb.extend([
        0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 16, 6, 0, 0, 0,
    ]);
    bomb.extend(checksum(&bomb[12..]).to_be_bytes());
    bomb.extend(b"\0\0\0\0IDAT");
    bomb.extend(checksum(b"IDAT").to_be_bytes());
    let error = decoded(&bomb).unwrap_err();
    assert!(matches!(
        error,
        DecodeError::TooManyPixels { .. } | DecodeError::TooMuchMemory { .. }
    ));
}

/// CRC-32 as PNG defines it, bit by bit.
fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
        })
    })
}

#[test]
fn long_files_are_refused_unread() {
    let limits = DecodeLimits {
        max_bytes: 10,
        ..DecodeLimits::default()
    };
    let error = decode(&[0; 11], &limits).unwrap_err();
    let expected = "the image file has 11 bytes; at most 10 are read";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn other_files_are_named_unknown() {
    for bytes in [&b""[..], b"GIF89a", b"<svg xmlns", b"\x89PN"] {
        assert!(matches!(decoded(bytes), Err(DecodeError::UnknownFormat)));
    }
}

#[test]
fn a_file_cut_in_its_pixels_is_named_truncated() {
    for format in FileFormat::ALL {
        let mut cut = encode(&noise(), format, &provenance()).unwrap();
        // Past the metadata, which stands last in a WebP file.
        cut.truncate(if format == FileFormat::Webp {
            200
        } else {
            cut.len() - 100
        });
        let error = decoded(&cut).unwrap_err();
        assert!(
            matches!(error, DecodeError::Truncated { format: known } if known == format),
            "{error}"
        );
    }
}

#[test]
fn damaged_files_never_panic() {
    let tight = DecodeLimits {
        max_bytes: 1 << 20,
        max_pixels: 100_000,
        ..DecodeLimits::default()
    };
    for format in FileFormat::ALL {
        let file = file(format);
        for place in 0..file.len() {
            assert!(decode(&file[..place], &tight).is_err() || format == FileFormat::Png);
            for mask in [0x01, 0x80, 0xff] {
                let mut flipped = file.clone();
                flipped[place] ^= mask;
                let _ = decode(&flipped, &tight);
            }
        }
    }
}

#[test]
fn damaged_noise_never_panics() {
    let tight = DecodeLimits {
        max_bytes: 1 << 20,
        max_pixels: 100_000,
        ..DecodeLimits::default()
    };
    for format in FileFormat::ALL {
        let file = encode(&noise(), format, &provenance()).unwrap();
        let mut state = 1;
        for _ in 0..500 {
            let mut damaged = file.clone();
            for _ in 0..8 {
                let place = random(&mut state) as usize % damaged.len();
                damaged[place] = random(&mut state) as u8;
            }
            let _ = decode(&damaged, &tight);
        }
    }
}

fn noise() -> Image {
    let mut state = 7;
    let pixels = (0..32 * 32 * 3).map(|_| random(&mut state) as u8).collect();
    let image = Image::new(32, 32, Channels::Rgb, pixels).unwrap();
    with_channels(&image, Channels::Rgba)
}

/// A small linear congruential generator, so that a failure comes back.
fn random(state: &mut u64) -> u64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

#[test]
fn pixels_are_counted_before_they_are_unpacked() {
    let image = Image::new(64, 64, Channels::Rgb, vec![0; 64 * 64 * 3]).unwrap();
    let file = encode(&image, FileFormat::Png, &provenance()).unwrap();
    let with = |bytes| DecodeLimits {
        budget: Budget::new(bytes),
        ..DecodeLimits::default()
    };
    let tight = with(1 << 20);
    assert!(matches!(
        decode(&file, &tight),
        Err(DecodeError::NoRoom {
            no_room: NoRoom::Never { .. },
            ..
        })
    ));
    let enough = with(2 << 20);
    assert_eq!(decode(&file, &enough).unwrap(), image);
    assert_eq!(enough.budget.reserved(), 0);
}
