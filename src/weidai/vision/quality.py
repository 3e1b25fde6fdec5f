"""Whether a picture is worth reading: size, sharpness, glare (R1.4). The page measures the same before it sends."""

from __future__ import annotations

import io
from typing import cast

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from weidai.vision.engine import Pixels
from weidai.vision.errors import PictureTooSmall, PictureUnreadable
from weidai.vision.rules.fields import Quality

LIMIT_PIXELS = 40_000_000
SHORTEST_SIDE = 300  # pixels: drawn cards were read down to a width of 230 (IDENTITY §1 says some 300)
LEAST_SIDE = 160  # pixels: below this nothing is tried
SHARPNESS_LEAST = 6.0  # variance of the Laplacian at 1,000 pixels: at 7 all drawn cards were read, at 4 none
GLARE_MOST = 0.12  # share of the picture burnt out in patches, plain white paper around not counted
FORMATS = ("JPEG", "PNG", "WEBP")


def decoded(picture: bytes) -> Pixels:
    """Return the pixels of a JPEG, PNG or WebP, turned as its camera says; refuse anything else and anything huge."""
    try:
        with Image.open(io.BytesIO(picture), formats=FORMATS) as opened:
            width, height = opened.size
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise PictureUnreadable(field="picture") from None
    if width * height > LIMIT_PIXELS:
        raise PictureUnreadable(field="picture")
    if min(width, height) < LEAST_SIDE:
        raise PictureTooSmall(field="picture")
    pixels = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise PictureUnreadable(field="picture")
    return cast(Pixels, pixels)


def measured(pixels: Pixels) -> Quality:
    """Return the quality of a picture."""
    height, width = pixels.shape[:2]
    scale = min(1.0, 1000 / max(width, height))
    grey = cv2.cvtColor(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    sharpness = float(cv2.Laplacian(grey, cv2.CV_64F).var())
    glare = _burnt(grey)
    faults = [name for name, is_wrong in (
        ("small", min(width, height) < SHORTEST_SIDE), ("blurred", sharpness < SHARPNESS_LEAST), ("glare", glare > GLARE_MOST),
    ) if is_wrong]
    return Quality(width, height, round(sharpness, 1), round(glare, 3), tuple(faults))


def _burnt(grey: Pixels) -> float:
    """Return the share of burnt-out patches that do not touch the edge of the picture."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((grey >= 253).astype(np.uint8), connectivity=4)
    edge = set(labels[0]) | set(labels[-1]) | set(labels[:, 0]) | set(labels[:, -1])
    areas = [int(stats[label, cv2.CC_STAT_AREA]) for label in range(1, count) if label not in edge]
    return sum(area for area in areas if area > 0.001 * grey.size) / grey.size
