//! Pictures: tasks on them and what adapters need. An `Image` is the file as it came (PNG or JPEG, at most 64 million pixels) or
//! a part of one. Of 16 bits the upper 8 are kept; a rotation that the file's EXIF data asks for is not applied.

/// A rectangle in a picture, in fractions of its width and height from the upper left corner, and how sure the model is.
record Box { left: f32, top: f32, width: f32, height: f32, score: f32 }

/// Something found in a picture.
record Detection<L: Labels> { label: L, box: Box }

/// Puts one label of `L` on a picture.
task image_classification<L: Labels>(image: Image) -> Ranking<L> {
    hub "image-classification"
    truth L
    metric top1: ratio, higher is better = mean(hit(output, truth, 1))
    metric top5: ratio, higher is better = mean(hit(output, truth, 5))
}

/// Finds things in a picture and says what they are, surest first.
task object_detection<L: Labels>(image: Image) -> List<Detection<L>, 64> {
    hub "object-detection"
    truth List<Detection<L>, 64>
    metric recall50: ratio, higher is better = sum(matched(output, truth, 0.5)) / sum(found(truth))
    metric precision50: ratio, higher is better = sum(matched(output, truth, 0.5)) / sum(found(output))
}

/// How many of `truth` have a detection of the same label that covers them with at least this intersection over union. Surer
/// detections choose first, each the one it covers best, and each counts once.
builtin fn matched<L: Labels, N: Dim, M: Dim>(output: List<Detection<L>, N>, truth: List<Detection<L>, M>, iou: f32) -> i64
/// How many detections there are.
builtin fn found<L: Labels, N: Dim>(detections: List<Detection<L>, N>) -> i64

/// The picture's lightness, as Pillow's `convert("L")` computes it; transparency is laid on black.
builtin fn gray(image: Image) -> u8[1, _, _]
/// The picture's red, green and blue, channels first; transparency is laid on black.
builtin fn rgb(image: Image) -> u8[3, _, _]
/// To `height` x `width`, byte for byte as Pillow 13 resizes: "nearest", "bilinear" or "bicubic", the filter widened where a side
/// shrinks.
builtin fn resize<C: Dim, H: Dim, W: Dim, Y: Dim, X: Dim>(image: u8[C, Y, X], height: dim H, width: dim W, filter: const Text = "bilinear") -> u8[C, H, W] where 1 <= H, 1 <= W
/// Reduced, where larger, so that no side is over `longest` (whole pixels, rounded down), then both sides to the nearest multiples
/// of `multiple` (ties to the even one), at least one and at most `longest`; bilinear.
builtin fn fit<C: Dim, Y: Dim, X: Dim, S: Dim, M: Dim>(image: u8[C, Y, X], longest: dim S, multiple: dim M) -> u8[C, <= S, <= S] where 1 <= M, M <= S
/// To the full height and as wide as the picture's proportions make it (rounded up), at most `width`, bilinear; the rest is 0.
builtin fn resize_pad<C: Dim, Y: Dim, X: Dim, H: Dim, W: Dim>(image: u8[C, Y, X], height: dim H, width: dim W) -> u8[C, H, W] where 1 <= H, 1 <= W
/// The square in the middle whose side is `part` (over 0, at most 1) of the shorter side, rounded down to whole pixels, at least
/// one; where it cannot lie in the very middle, it lies a pixel further right and down.
builtin fn center_crop<C: Dim, Y: Dim, X: Dim>(image: u8[C, Y, X], part: const f64) -> u8[C, _, _]
/// The part of the picture inside the box, its edges rounded to whole pixels (ties to even); at least one pixel.
builtin fn crop(image: Image, box: Box) -> Image
/// In pixels.
builtin fn width(image: Image) -> i64
/// In pixels.
builtin fn height(image: Image) -> i64
/// The best boxes such that no two overlap by more than `iou` (intersection over union), best first: each box, from the best on,
/// stays if none that stayed overlaps it more.
builtin fn non_maximum_suppression<N: Dim>(boxes: List<Box, N>, iou: f32) -> List<Box, N>
/// Boxes around the connected places (neighbours across their four sides) of a map that are at least `threshold`, largest mean
/// first, the mean being the score, equal ones from top to bottom: places smaller than
/// `smallest` cells are left out, and each box is grown on every side by `grow` times its area divided by its perimeter
/// (both in cells), within the map.
builtin fn regions<Y: Dim, X: Dim, N: Dim>(map: f32[Y, X], threshold: f32, smallest: i64, grow: f32, at_most: dim N) -> List<Box, N>
