"""Refusals of files: what is wrong with what was sent, and what to send instead."""

from weidai.kernel.errors import Invalid, NotFound, PartnerUnavailable, Refused, TooManyRequests
from weidai.kernel.text import Text


class FileEmpty(Invalid):
    """Nothing in it."""

    code = "files.empty"
    text = Text("文件是空的。", "The file is empty.")
    next_step = Text("请重新选择文件。", "Please choose the file again.")


class FileTooLarge(Invalid):
    """More bytes than this kind may have."""

    code = "files.too_large"
    text = Text("文件超过 {limit_mb} MB。", "The file is larger than {limit_mb} MB.")
    next_step = Text("请压缩或重新拍摄后上传。", "Please take a smaller picture or compress the file, then send it again.")


class FileTypeRefused(Invalid):
    """Its content is of a type that is not taken here; name and declared type prove nothing."""

    code = "files.type_refused"
    text = Text("文件内容不是可接受的格式（可接受：{accepted}）。", "The content is of no accepted type (accepted: {accepted}).")
    next_step = Text("请换用上述格式的文件。", "Please send a file of one of these types.")


class FileBroken(Invalid):
    """It begins like an accepted type and cannot be read as one."""

    code = "files.broken"
    text = Text("文件已损坏或不完整，无法读取。", "The file is damaged or incomplete and cannot be read.")
    next_step = Text("请重新拍摄或导出后再上传。", "Please take the picture or export the file again.")


class PictureTooManyPixels(Invalid):
    """Small as a file, far too large as a picture."""

    code = "files.too_many_pixels"
    text = Text("图片尺寸过大（超过 {megapixels}00 万像素）。",
                "The picture has too many pixels (more than {megapixels} million).")
    next_step = Text("请用普通拍照模式重新拍摄。", "Please take it again in your camera's normal mode.")


class PictureTooSmall(Invalid):
    """Too few pixels to show anything."""

    code = "files.too_few_pixels"
    text = Text("图片尺寸过小（每边至少 {pixels} 像素）。", "The picture is too small (each side at least {pixels} pixels).")
    next_step = Text("请靠近一些重新拍摄。", "Please take it again from closer.")


class PdfNotPlain(Invalid):
    """A PDF with scripts, attachments, forms that send, or a password."""

    code = "files.pdf_not_plain"
    text = Text("PDF 含有脚本、附件或密码，不能接收。", "The PDF contains scripts, attachments or a password and is not taken.")
    next_step = Text("请用“打印为 PDF”另存一份，或上传清晰照片。",
                     "Please save a copy with “print to PDF”, or send a clear picture.")


class FilesBusy(PartnerUnavailable):
    """Other people's large pictures are being decoded, one at a time."""

    code = "files.busy"
    text = Text("正在处理的照片较多，这张还没有处理。", "Many pictures are being looked at right now; this one was not taken.")
    next_step = Text("请稍后重新上传；普通拍照模式的照片处理更快。",
                     "Please send it again in a moment; pictures of the camera's normal mode are quicker.")


class SoundRefused(Invalid):
    """A recording that is too long or in another form than asked for."""

    code = "files.sound_refused"
    text = Text("录音格式不符或超过 {seconds} 秒。", "The recording has another form or is longer than {seconds} seconds.")
    next_step = Text("请在页面上重新录音。", "Please record it again on the page.")


class FilesDayLimitReached(TooManyRequests):
    """So many of one kind in a day."""

    code = "files.day_limit_reached"
    text = Text("今天上传“{kind}”的次数已用完（{count} 次）。", "You have sent “{kind}” {count} times today, which is the most.")
    next_step = Text("请明天再试，或联系客服。", "Please try again tomorrow or contact customer service.")

    def __init__(self, *, kind: Text, count: int) -> None:
        super().__init__(count=count)
        self._kind = kind

    @property
    def message(self) -> Text:
        """The sentence with the kind in its own language."""
        return Text(self.text.zh.format(kind=self._kind.zh, count=self.values["count"]),
                    self.text.en.format(kind=self._kind.en, count=self.values["count"]))


class FileNotFound(NotFound):
    """No such file of this customer."""

    code = "files.not_found"
    text = Text("没有找到该文件。", "There is no such file.")


class FileErased(NotFound):
    """It was deleted, or its key was destroyed."""

    code = "files.erased"
    text = Text("该文件已按规定删除，不可恢复。", "The file was deleted as the rules demand and cannot be brought back.")
    next_step = Text("删除回执中记录了删除时间和原因。", "The deletion receipt says when and why.")


class ErasureRefused(Refused):
    """Who borrowed keeps a restricted archive instead of a deletion (R8.5)."""

    code = "files.erasure_refused"
    text = Text("您有借款记录，法律要求保留相关资料，不能全部删除。",
                "You have borrowed; the law requires the records to be kept, so not everything can be deleted.")
    next_step = Text("您的生物特征可以单独删除；其余资料将转为受限存档。",
                     "Your biometrics can be deleted on their own; everything else goes into a restricted archive.")
