//! Videos and sounds.

use super::media_source::{MediaError, MediaSource};

object! {
    /// A video (`VideoBlock`).
    ///
    /// ```
    /// use bedrock_stream_core::content::{Message, S3Location, VideoBlock, VideoFormat};
    ///
    /// let video = VideoBlock::new(VideoFormat::Mp4, S3Location::new("s3://bucket/film.mp4"));
    /// let message = Message::user("What happens in it?").with(video);
    /// assert_eq!(message.content.len(), 2);
    /// ```
    pub struct VideoBlock {
        /// Its format.
        "format" => format: VideoFormat,
        /// The bytes, or their location.
        "source" => source: MediaSource,
    }
}

impl VideoBlock {
    /// A video with this format.
    pub fn new(format: VideoFormat, source: impl Into<MediaSource>) -> Self {
        Self { format, source: source.into(), ..Self::default() }
    }
}

object! {
    /// An audio clip (`AudioBlock`). One from the model has no source if it could not be generated.
    pub struct AudioBlock {
        /// Its format; a request needs one.
        "format" => format: Option<AudioFormat>,
        /// The bytes, or their location; a request needs one.
        "source" => source: Option<MediaSource>,
        /// Why there is no audio.
        "error" => error: Option<MediaError>,
    }
}

impl AudioBlock {
    /// An audio clip with this format.
    pub fn new(format: AudioFormat, source: impl Into<MediaSource>) -> Self {
        Self { format: Some(format), source: Some(source.into()), ..Self::default() }
    }
}

string_enum! {
    /// The format of a video.
    pub enum VideoFormat {
        /// Matroska.
        "mkv" => Mkv,
        /// QuickTime.
        "mov" => Mov,
        /// MPEG-4.
        "mp4" => Mp4,
        /// WebM.
        "webm" => Webm,
        /// Flash.
        "flv" => Flv,
        /// MPEG.
        "mpeg" => Mpeg,
        /// MPEG, under its other name.
        "mpg" => Mpg,
        /// Windows Media.
        "wmv" => Wmv,
        /// 3GP.
        "three_gp" => ThreeGp,
    }
}

string_enum! {
    /// The format of an audio clip.
    pub enum AudioFormat {
        /// MP3.
        "mp3" => Mp3,
        /// Opus.
        "opus" => Opus,
        /// WAV.
        "wav" => Wav,
        /// AAC.
        "aac" => Aac,
        /// FLAC.
        "flac" => Flac,
        /// MPEG-4.
        "mp4" => Mp4,
        /// Ogg.
        "ogg" => Ogg,
        /// Matroska.
        "mkv" => Mkv,
        /// Matroska, audio only.
        "mka" => Mka,
        /// AAC, under its other name.
        "x-aac" => XAac,
        /// MPEG-4, audio only.
        "m4a" => M4a,
        /// MPEG.
        "mpeg" => Mpeg,
        /// MPEG, audio only.
        "mpga" => Mpga,
        /// Raw PCM samples.
        "pcm" => Pcm,
        /// WebM.
        "webm" => Webm,
    }
}
