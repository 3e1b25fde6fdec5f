"""Refusals of the assessment room (R2)."""

from weidai.kernel.errors import NotFound, Refused
from weidai.kernel.text import Text


class AssessmentNotFound(NotFound):
    """There is no such assessment of this customer."""

    code = "assessment.not_found"
    text = Text("还没有评估结果。", "There is no assessment yet.")
    next_step = Text("可在评估页面发起一次评估。", "You can ask for one on the assessment page.")


class CreditReportNotAuthorized(Refused):
    """The credit report may not be queried without its own consent (R4.2)."""

    code = "assessment.credit_report_not_authorized"
    text = Text("查询征信报告需要您的单独授权。", "Querying your credit report needs your own authorization.")
    next_step = Text("请阅读并签署征信授权后继续。", "Read and give the credit-report authorization to go on.")


class EngineMissing(Refused):
    """The engine asked for is not installed on this machine (R2.5)."""

    code = "assessment.engine_missing"
    text = Text("未安装计算引擎 {engine}。", "The engine {engine} is not installed.")
    next_step = Text("请先安装：{install}；或改用默认引擎。", "Install it first: {install}; or use the default engine.")


class ExtractMonthNotLast(Refused):
    """Only the last complete month decides about customers; earlier ones are history that can be loaded (R2.3)."""

    code = "assessment.extract_month_not_last"
    text = Text("{month} 不是最近一个完整月（{last}）。", "{month} is not the last complete month, which is {last}.")
    next_step = Text("若只补充历史数据，请加 --load-only。", "To add history only, use --load-only.")


class ExtractMonthNotLoaded(NotFound):
    """There is no extract of that month in the store (R2.5)."""

    code = "assessment.extract_month_not_loaded"
    text = Text("{month} 的数据文件尚未入库。", "No extract of {month} has been loaded.")
    next_step = Text("请用 --extract 指定数据文件夹。", "Give the folder of the extract with --extract.")


class ExtractFolderEmpty(NotFound):
    """The folder holds none of the tables of an extract (R2.5)."""

    code = "assessment.extract_folder_empty"
    text = Text("文件夹中没有可识别的数据文件：{folder}。", "There is no file of an extract in {folder}.")
    next_step = Text("文件名应为 payments、people 等，格式为 .parquet 或 .csv。",
                     "Files are called payments, people and so on, and end in .parquet or .csv.")


class ExtractKeyMissing(NotFound):
    """The key that digests ID numbers is not there, so nobody could be recognized (R2.5, R9.6)."""

    code = "assessment.extract_key_missing"
    text = Text("没有与数据方约定的摘要密钥。", "The key agreed with the data partner is missing.")
    next_step = Text("请将密钥文件放到 WEIDAI_EXTRACT_KEY_FILE 指定的位置。",
                     "Put the key file where WEIDAI_EXTRACT_KEY_FILE points.")
