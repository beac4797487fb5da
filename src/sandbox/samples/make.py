#!/usr/bin/python3
"""make.py - make the newer samples anew: make.py [FOLDER].

ffmpeg (Debian's) draws its test pictures and tones; the animated sticker and
the PDF are written by hand.  The samples are kept in the repository, so that
a build needs none of this, and every test sees the same bytes.
"""

import gzip
import json
import pathlib
import subprocess
import sys

PICTURE = ["-f", "lavfi", "-i", "testsrc=size=%s:rate=%s:duration=1"]
TONE = ["-f", "lavfi", "-i", "sine=frequency=440:duration=1"]


def picture(size, rate=5):
    return [s % (size, rate) if "%s" in s else s for s in PICTURE]


def ffmpeg(to, *args):
    subprocess.run(["ffmpeg", "-y", "-v", "error", "-bitexact", *args,
                    "-map_metadata", "-1", "-fflags", "+bitexact",
                    "-flags:v", "+bitexact", "-flags:a", "+bitexact",
                    str(to)], check=True)


def sticker():
    """A still square in Lottie, gzipped: an animated sticker."""
    layer = {"ty": 1, "sw": 512, "sh": 512, "sc": "#3388cc", "ip": 0,
             "op": 60, "st": 0, "sr": 1, "ks": {}}
    whole = {"tgs": 1, "v": "5.5.2", "fr": 60, "ip": 0, "op": 60, "w": 512,
             "h": 512, "ddd": 0, "assets": [], "layers": [layer]}
    return gzip.compress(json.dumps(whole).encode(), mtime=0)


def document():
    """One page with one word; the table of its objects has true offsets."""
    text = b"BT /F1 24 Tf 72 720 Td (Sample) Tj ET"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
        b"/Resources << /Font << /F1 4 0 R >> >> /Contents 5 0 R >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
    ]
    out = b"%PDF-1.4\n"
    at = []
    for n, part in enumerate(parts, 1):
        at.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, part)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    out += b"".join(b"%010d 00000 n \n" % n for n in at)
    return out + (b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n"
                  b"%%%%EOF\n" % (len(parts) + 1, table))


def main():
    to = pathlib.Path(sys.argv[1] if len(sys.argv) > 1
                      else pathlib.Path(__file__).parent)
    ffmpeg(to / "sample.webp", *picture("512x384"), "-frames:v", "1",
           "-c:v", "libwebp", "-quality", "40")
    ffmpeg(to / "sample.webm", *picture("512x512"), "-c:v", "libvpx-vp9",
           "-pix_fmt", "yuva420p", "-b:v", "0", "-crf", "60", "-an")
    ffmpeg(to / "sample.mp3", *TONE, "-c:a", "libmp3lame", "-b:a", "16k",
           "-ar", "16000")
    ffmpeg(to / "sample.mp4", *picture("240x240"), *TONE, "-c:v", "libx264",
           "-pix_fmt", "yuv420p", "-crf", "40", "-threads", "1", "-c:a",
           "aac", "-b:a", "16k", "-ar", "16000", "-movflags", "+faststart")
    (to / "sample.tgs").write_bytes(sticker())
    (to / "sample.pdf").write_bytes(document())


if __name__ == "__main__":
    main()
