"""Refusals of reading papers, each with the way on: typing the fields in is always possible (R1.4)."""

from __future__ import annotations

from weidai.kernel.errors import Invalid, NotFound, PartnerUnavailable, TooManyRequests
from weidai.kernel.text import Text

_TYPE_IT = Text("请稍后再试，或改为手动填写（手动填写会多一道核对）。",
                "Try again in a moment, or type the fields in; typed fields are looked at more closely.")


class PictureUnreadable(Invalid):
    """Not a JPEG, PNG or WebP picture, damaged, or of more than forty million pixels."""

    code = "vision.picture_unreadable"
    text = Text("这不是可以识别的照片。", "This is not a picture that can be read.")
    next_step = Text("请上传 JPG、PNG 或 WebP 格式的照片。", "Upload a JPG, PNG or WebP picture.")


class PictureTooSmall(Invalid):
    """Fewer pixels than text needs: a card less than about three hundred pixels wide is not read (R1.4)."""

    code = "vision.picture_too_small"
    text = Text("照片太小，看不清文字。", "The picture is too small for its text to be read.")
    next_step = Text("请靠近些重拍，或上传没有缩小过的原图。", "Come closer and take it again, or send the picture as taken.")


class ReadingUnavailable(PartnerUnavailable):
    """This server has no recogniser, or its process is not running."""

    code = "vision.reading_unavailable"
    text = Text("本服务器目前不能自动识别证件照片。", "This server cannot read pictures of papers at the moment.")
    next_step = Text("请手动填写（手动填写会多一道核对）。", "Type the fields in; typed fields are looked at more closely.")


class ReadingBusy(TooManyRequests):
    """Every place in the queue is taken."""

    code = "vision.reading_busy"
    text = Text("正在识别的照片较多，请稍后再试。", "Many pictures are being read right now; please try again in a moment.")
    next_step = _TYPE_IT


class ReadingFailed(PartnerUnavailable):
    """The recogniser took too long or broke on this picture; it was started anew."""

    code = "vision.reading_failed"
    text = Text("这张照片没有识别成功。", "This picture could not be read.")
    next_step = _TYPE_IT


class TooManyReadings(TooManyRequests):
    """Enough pictures were tried today."""

    code = "vision.too_many_readings"
    text = Text("今天识别照片的次数已达 {count} 次。", "The day's {count} pictures have been used up.")
    next_step = Text("请手动填写，或明天再试。", "Type the fields in, or try again tomorrow.")


class PaperNotSeen(Invalid):
    """Too little could be read: the picture is blurred, too small, in glare, or shows something else."""

    code = "vision.paper_not_seen"
    text = Text("照片中没有看清需要的内容。", "What is needed could not be made out in the picture.")
    next_step = Text("请让证件四边都在框内，避开反光，拿稳后重拍。",
                     "Keep all four edges inside the frame, avoid reflections, hold still and take it again.")


class PictureBlurred(PaperNotSeen):
    """Too little could be read, and the picture is not sharp."""

    code = "vision.picture_blurred"
    text = Text("照片模糊，没有看清需要的内容。", "The picture is blurred; what is needed could not be made out.")
    next_step = Text("请擦净镜头，拿稳并对焦后重拍。", "Wipe the lens, hold still, let it focus and take it again.")


class PictureInGlare(PaperNotSeen):
    """Too little could be read, and part of the picture is burnt out."""

    code = "vision.picture_in_glare"
    text = Text("照片反光，没有看清需要的内容。", "There is glare in the picture; what is needed could not be made out.")
    next_step = Text("请避开灯光直射，换个角度重拍。", "Turn away from the lamp, change the angle and take it again.")


class OtherSide(Invalid):
    """The other side of the ID card."""

    code = "vision.other_side"
    text = Text("这是身份证的另一面。", "This is the other side of the ID card.")
    next_step = Text("请翻面后重拍。", "Turn the card over and take it again.")


class PaperMarked(Invalid):
    """A copy or a specimen, not the original; accepted in the demo only."""

    code = "vision.paper_marked"
    text = Text("照片上有「复印件」「样本」等字样，不是证件原件。",
                "The picture is marked as a copy or specimen; it is not the original.")
    next_step = Text("请拍摄证件原件。", "Take a picture of the original.")


class ReadingNotFound(NotFound):
    """No such reading, or not this customer's."""

    code = "vision.reading_not_found"
    text = Text("没有找到这次识别。", "There is no such reading.")


class PdfLocked(Invalid):
    """A PDF that opens with a password only."""

    code = "vision.pdf_locked"
    text = Text("这份 PDF 设有密码，打不开。", "This PDF is protected by a password and cannot be opened.")
    next_step = Text("请用“打印为 PDF”另存一份没有密码的，或上传清晰照片。",
                     "Save a copy without the password with “print to PDF”, or send clear pictures.")


class PdfBroken(Invalid):
    """A PDF that cannot be opened, has no page, or a page that cannot be drawn."""

    code = "vision.pdf_broken"
    text = Text("这份 PDF 打不开，或没有可以显示的页面。", "This PDF cannot be opened, or has no page that can be shown.")
    next_step = Text("请重新下载后再上传，或上传清晰照片。", "Download it again and send that, or send clear pictures.")


class PdfTooLong(Invalid):
    """More pages than are read of one PDF."""

    code = "vision.pdf_too_long"
    text = Text("这份 PDF 超过 {count} 页。", "This PDF has more than {count} pages.")
    next_step = Text("请缩短导出的时间范围，或分成几份上传。", "Export a shorter period, or send it in several parts.")


class PdfStillRead(TooManyRequests):
    """The pages are being read; the same question again gets the answer."""

    code = "vision.pdf_still_read"
    text = Text("PDF 正在逐页识别。", "The PDF is being read page by page.")
    next_step = Text("请稍后再看。", "Look again in a moment.")
