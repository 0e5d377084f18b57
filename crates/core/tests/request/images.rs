//! Images from bytes and from `data:` URLs.

use bedrock_stream_core::content::{ImageBlock, ImageError, ImageFormat};

#[test]
fn the_format_is_detected_from_the_bytes() {
    let cases: [(&[u8], ImageFormat); 5] = [
        (b"\x89PNG\r\n\x1a\n....", ImageFormat::Png),
        (b"\xff\xd8\xff\xe0....", ImageFormat::Jpeg),
        (b"GIF87a....", ImageFormat::Gif),
        (b"GIF89a....", ImageFormat::Gif),
        (b"RIFF\x10\0\0\0WEBPVP8 ", ImageFormat::Webp),
    ];
    for (bytes, format) in cases {
        assert_eq!(ImageBlock::from_bytes(bytes), Ok(ImageBlock::new(format, bytes.to_vec())));
    }
    for bytes in [&b""[..], b"GIF", b"\x89PNG", b"RIFF\x10\0\0\0WAVEfmt ", b"<svg/>"] {
        let error = ImageBlock::from_bytes(bytes).unwrap_err();
        assert_eq!(error, ImageError::format(None));
        assert_eq!(error.to_string(), "not a PNG, JPEG, GIF or WebP image");
    }
}

#[test]
fn a_data_url_determines_its_format() {
    for (url, format, bytes) in [
        ("data:image/png;base64,AAEC", ImageFormat::Png, &[0, 1, 2][..]),
        ("DATA:Image/JPEG;Base64,AAE=", ImageFormat::Jpeg, &[0, 1]),
        ("data:image/jpg;base64,AAE", ImageFormat::Jpeg, &[0, 1]),
        (" data:image/webp;name=a;base64,\n", ImageFormat::Webp, &[]),
        ("data:;base64,R0lGODlh", ImageFormat::Gif, b"GIF89a"),
        ("data:application/octet-stream;base64,R0lGODlh", ImageFormat::Gif, b"GIF89a"),
    ] {
        assert_eq!(ImageBlock::from_data_url(url), Ok(ImageBlock::new(format, bytes.to_vec())), "{url}");
    }
}

#[test]
fn anything_but_an_image_is_an_error() {
    let other = |media_type: &str| ImageError::format(Some(media_type.to_owned()));
    for (url, expected) in [
        ("", ImageError::DataUrl),
        ("data", ImageError::DataUrl),
        ("data:", ImageError::DataUrl),
        ("dat\u{20ac}:image/png;base64,AAEC", ImageError::DataUrl),
        ("https://example.com/a.png", ImageError::DataUrl),
        ("data:image/png;base64", ImageError::DataUrl),
        ("data:image/png,AAEC", ImageError::Base64),
        ("data:image/png;base64;name=a,AAEC", ImageError::Base64),
        ("data:image/png;base64,A", ImageError::Base64),
        ("data:image/png;base64,A!EC", ImageError::Base64),
        ("data:;base64,AAEC", ImageError::format(None)),
        ("data:image/svg+xml;base64,AAEC", other("image/svg+xml")),
        ("data:image/\u{1b}[2J;base64,AAEC", other("image/\u{1b}[2J")),
    ] {
        let error = ImageBlock::from_data_url(url).unwrap_err();
        assert_eq!(error, expected, "{url}");
        assert!(!error.to_string().contains('\u{1b}'));
    }
    assert_eq!(other("image/bmp").to_string(), "not a PNG, JPEG, GIF or WebP image, but \"image/bmp\"");
}
