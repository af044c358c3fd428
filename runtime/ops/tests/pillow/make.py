"""Makes the pictures of this folder and what Pillow says of them. Run with Pillow 13.0.0 and numpy."""
import struct, zlib
import numpy as np
from PIL import Image

rng = np.random.default_rng(7)


def smooth(height, width, channels):
    y, x = np.mgrid[0:height, 0:width]
    planes = [127 + 90 * np.sin(x / (2 + c) + c) * np.cos(y / (3 - c / 2)) + rng.integers(-37, 38, (height, width)) for c in range(channels)]
    return np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)


def png(name, width, height, depth, colour, rows, interlace=0, extra=b""):
    """A PNG file from the bytes of its rows, for what Pillow cannot write."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    data = b"".join(b"\0" + row for row in rows)
    open(name, "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def interlaced(pixels):
    height, width, _ = pixels.shape
    rows = []
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        part = pixels[y0::dy, x0::dx]
        if part.size:
            rows += [row.tobytes() for row in part]
    return rows


rgb, rgba, gray = smooth(9, 13, 3), smooth(9, 13, 4), smooth(9, 13, 1)[..., 0]
Image.fromarray(rgb).save("rgb.png")
Image.fromarray(rgba).save("rgba.png")
Image.fromarray(gray).save("gray.png")
Image.fromarray(smooth(9, 13, 2), "LA").save("gray_alpha.png")
Image.fromarray(gray > 127).save("one_bit.png")
palette = Image.fromarray(rgb).quantize(16)
palette.save("palette.png")
palette.save("palette_transparent.png", transparency=bytes([0, 128, 255] * 5 + [255]))
png("interlaced.png", 13, 9, 8, 2, interlaced(rgb), 1)
deep = rng.integers(0, 65536, (9, 13, 3), dtype=np.uint16)
png("rgb_16.png", 13, 9, 16, 2, [row.astype(">u2").tobytes() for row in deep])
png("gray_16.png", 13, 9, 16, 0, [row.astype(">u2").tobytes() for row in deep[..., 0]])
Image.fromarray(smooth(24, 32, 3)).save("photo.jpg", quality=90)

for name in "rgb rgba gray gray_alpha one_bit palette palette_transparent interlaced rgb_16 photo".split():
    picture = Image.open(f"{name}.jpg" if name == "photo" else f"{name}.png")
    if picture.mode in ("RGBA", "LA") or "transparency" in picture.info:
        full = picture.convert("RGBA")
        picture = Image.new("RGB", picture.size)
        picture.paste(full, mask=full.getchannel("A"))
    np.save(f"{name}.rgb.npy", np.asarray(picture.convert("RGB")).transpose(2, 0, 1))
    np.save(f"{name}.gray.npy", np.asarray(picture.convert("L"))[None])

filters = {"nearest": Image.NEAREST, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}
source = Image.fromarray(smooth(23, 37, 3))
source.save("source.png")
for height, width in [(7, 7), (23, 11), (40, 37), (64, 50), (1, 1), (5, 61)]:
    for name, filter in filters.items():
        resized = np.asarray(source.resize((width, height), filter))
        np.save(f"source.{height}x{width}.{name}.npy", resized.transpose(2, 0, 1))
