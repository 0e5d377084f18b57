use alloc::string::String;
use alloc::vec::Vec;

use crate::json::Blob;

union! {
    /// The source of an image, a video or an audio clip.
    ///
    /// ```
    /// use bedrock_stream_core::content::{MediaSource, S3Location, VideoBlock, VideoFormat};
    ///
    /// // Small enough for the request, or in a bucket.
    /// let short = VideoBlock::new(VideoFormat::Mp4, vec![0, 0, 0, 32]);
    /// let long = VideoBlock::new(VideoFormat::Mp4, S3Location::new("s3://bucket/film.mp4"));
    /// assert!(matches!(short.source, MediaSource::Bytes(_)));
    /// assert!(matches!(long.source, MediaSource::S3Location(_)));
    /// ```
    pub enum MediaSource {
        /// The bytes, base64 in JSON.
        "bytes" => Bytes(Blob),
        /// In S3.
        "s3Location" => S3Location(S3Location),
    }
}

impl From<Blob> for MediaSource {
    fn from(bytes: Blob) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<Vec<u8>> for MediaSource {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl From<S3Location> for MediaSource {
    fn from(location: S3Location) -> Self {
        Self::S3Location(location)
    }
}

object! {
    /// An object in S3.
    ///
    /// ```
    /// use bedrock_stream_core::content::{ImageBlock, ImageFormat, S3Location};
    ///
    /// let image = ImageBlock::new(ImageFormat::Png, S3Location::new("s3://bucket/cat.png"));
    /// assert!(serde_json::to_string(&image)?.contains("s3://bucket/cat.png"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct S3Location {
        /// `s3://bucket/key`.
        "uri" => uri: String,
        /// The account that owns the bucket, if not the caller's.
        "bucketOwner" => bucket_owner: Option<String>,
    }
}

impl S3Location {
    /// The object at `s3://bucket/key`.
    pub fn new(uri: impl Into<String>) -> Self {
        Self { uri: uri.into(), ..Self::default() }
    }
}

setters! {
    S3Location {
        /// Names the account that owns the bucket.
        bucket_owner: impl Into<String>,
    }
}

object! {
    /// Why an image or an audio clip could not be generated (`ErrorBlock`).
    pub struct MediaError {
        /// A message for people.
        "message" => message: Option<String>,
    }
}

impl MediaError {
    /// An error with this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: Some(message.into()), ..Self::default() }
    }
}

object! {
    /// A piece of an image that the model generates (`ImageBlockDelta`).
    pub struct ImageDelta {
        /// The bytes, or their location.
        "source" => source: Option<MediaSource>,
        /// Why there is no image.
        "error" => error: Option<MediaError>,
    }
}

impl ImageDelta {
    /// A piece of an image with this source.
    pub fn new(source: impl Into<MediaSource>) -> Self {
        Self { source: Some(source.into()), ..Self::default() }
    }
}
