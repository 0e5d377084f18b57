use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::media_source::{MediaError, MediaSource};
use crate::json::Blob;

object! {
    /// An image (`ImageBlock`). One from the model has no source if it could not be generated.
    pub struct ImageBlock {
        /// Its format; a request needs one.
        "format" => format: Option<ImageFormat>,
        /// The bytes, or their location; a request needs one.
        "source" => source: Option<MediaSource>,
        /// Why there is no image.
        "error" => error: Option<MediaError>,
    }
}

impl ImageBlock {
    /// An image of this format.
    pub fn new(format: ImageFormat, source: impl Into<MediaSource>) -> Self {
        Self { format: Some(format), source: Some(source.into()), ..Self::default() }
    }

    /// An image from the contents of a file. The format is detected from the first bytes.
    ///
    /// ```
    /// use bedrock_stream_core::content::{ImageBlock, ImageFormat};
    ///
    /// # let file = b"\x89PNG\r\n\x1a\n".to_vec();
    /// // let file = std::fs::read("cat.png")?;
    /// let image = ImageBlock::from_bytes(file)?;
    /// assert_eq!(image.format, Some(ImageFormat::Png));
    /// # Ok::<(), bedrock_stream_core::content::ImageError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ImageError::Format`]: the bytes are not PNG, JPEG, GIF or WebP.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<Self, ImageError> {
        let bytes = bytes.into();
        let format = ImageFormat::of_bytes(&bytes).ok_or(ImageError::Format { media_type: None })?;
        Ok(Self::new(format, bytes))
    }

    /// An image from a `data:` URL, as created by browsers. The media type determines the format; if it is missing or
    /// `application/octet-stream`, the bytes do.
    ///
    /// ```
    /// use bedrock_stream_core::content::{ImageBlock, ImageFormat};
    ///
    /// let image = ImageBlock::from_data_url("data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=")?;
    /// assert_eq!(image.format, Some(ImageFormat::Gif));
    /// # Ok::<(), bedrock_stream_core::content::ImageError>(())
    /// ```
    ///
    /// A media type that the URL declares is not compared with the bytes; [`from_bytes`](Self::from_bytes) looks at them.
    ///
    /// # Errors
    ///
    /// [`ImageError`]: it is not a `data:` URL, it is not base64, or its image format is not supported by Bedrock.
    ///
    /// Source: RFC 2397.
    pub fn from_data_url(url: &str) -> Result<Self, ImageError> {
        let (head, data) = url
            .trim()
            .split_at_checked(SCHEME.len())
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(SCHEME))
            .and_then(|(_, rest)| rest.split_once(','))
            .ok_or(ImageError::DataUrl)?;
        let (media_type, parameters) = head.split_once(';').unwrap_or((head, ""));
        let is_base64 =
            parameters.rsplit(';').next().is_some_and(|last| last.trim().eq_ignore_ascii_case("base64"));
        let bytes = is_base64.then(|| Blob::from_base64(data)).flatten().ok_or(ImageError::Base64)?;
        match media_type.trim() {
            "" => Self::from_bytes(bytes.0),
            other if other.eq_ignore_ascii_case("application/octet-stream") => Self::from_bytes(bytes.0),
            other => match ImageFormat::from_media_type(other) {
                Some(format) => Ok(Self::new(format, bytes)),
                None => Err(ImageError::Format { media_type: Some(other.to_owned()) }),
            },
        }
    }
}

/// How a `data:` URL begins.
const SCHEME: &str = "data:";

/// Why an image cannot be used in a request.
///
/// ```
/// use bedrock_stream_core::content::{ImageBlock, ImageError};
///
/// let error = ImageBlock::from_data_url("https://example.com/cat.png").unwrap_err();
/// assert_eq!(error, ImageError::DataUrl);
/// let error = ImageBlock::from_bytes(b"<svg></svg>".to_vec()).unwrap_err();
/// assert_eq!(error.to_string(), "not a PNG, JPEG, GIF or WebP image");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// The text is not a `data:` URL.
    #[error("not a data: URL, which starts with, for example, \"data:image/png;base64,\"")]
    DataUrl,
    /// The data is not base64, or the URL does not declare it as base64.
    #[error("the data: URL does not contain base64")]
    Base64,
    /// The format is not supported by Bedrock.
    #[error("not a PNG, JPEG, GIF or WebP image{}", OfType(.media_type.as_deref()))]
    #[non_exhaustive]
    Format {
        /// The media type in the `data:` URL, if that determines the format.
        media_type: Option<String>,
    },
}

constructors! {
    impl ImageError {
        format => Format { media_type: Option<String> },
    }
}

/// Appends the media type, if there is one, to an error message.
struct OfType<'a>(Option<&'a str>);

impl fmt::Display for OfType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |media_type| write!(f, ", but \"{}\"", media_type.escape_debug()))
    }
}

string_enum! {
    /// The format of an image.
    ///
    /// ```
    /// use bedrock_stream_core::content::ImageFormat;
    ///
    /// assert_eq!(ImageFormat::of_bytes(b"GIF89a\x01\x00\x01\x00"), Some(ImageFormat::Gif));
    /// assert_eq!(ImageFormat::from_media_type("image/JPEG"), Some(ImageFormat::Jpeg));
    /// ```
    pub enum ImageFormat {
        /// PNG.
        "png" => Png,
        /// JPEG.
        "jpeg" => Jpeg,
        /// GIF.
        "gif" => Gif,
        /// WebP.
        "webp" => Webp,
    }
}

impl ImageFormat {
    /// The format of a file, detected from its first bytes.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            _ => None,
        }
    }

    /// The format of this media type, such as `image/png`, in any case and without parameters.
    #[must_use]
    pub fn from_media_type(media_type: &str) -> Option<Self> {
        let known = [
            ("image/png", Self::Png),
            ("image/jpeg", Self::Jpeg),
            ("image/jpg", Self::Jpeg),
            ("image/gif", Self::Gif),
            ("image/webp", Self::Webp),
        ];
        known.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(media_type)).map(|(_, format)| format)
    }
}
