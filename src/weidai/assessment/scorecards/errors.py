"""Refusals of model building: each names what is wrong with the table or the request and what to do (R2.6, R9.3)."""

from weidai.kernel.errors import Conflict, Forbidden, Invalid, NotFound, PartnerUnavailable
from weidai.kernel.text import Text


class TableUnreadable(Invalid):
    """The file is not there, not a table, or cut short."""

    code = "model.table_unreadable"
    text = Text("无法读取 {path}:{detail}", "{path} cannot be read: {detail}")
    next_step = Text(
        "支持 Parquet、CSV 与 TSV(UTF-8 或 GB18030，首行为列名)。",
        "Parquet, CSV and TSV are read (UTF-8 or GB18030, column names in the first row).",
    )


class ColumnUnknown(Invalid):
    """A named column is not in the table."""

    code = "model.column_unknown"
    text = Text("表中没有列 {column}。", "The table has no column {column}.")
    next_step = Text("现有列：{columns}", "Its columns: {columns}")


class TargetNotBinary(Invalid):
    """The target has one value, or more than two and nobody said which is bad."""

    code = "model.target_not_binary"
    text = Text(
        "目标列 {column} 有 {count} 种取值（{values}）；需要恰好两种。",
        "The target {column} has {count} values ({values}); exactly two are needed.",
    )
    next_step = Text(
        "多于两种时用 --positive 值 指出哪些算坏（可重复）；只有一种时请换一段有好有坏的数据。",
        "With more than two, name the bad ones by --positive VALUE (may be repeated); with one, "
        "use rows that hold both good and bad.",
    )


class PositiveUnknown(Invalid):
    """The value told to be bad does not occur in the target."""

    code = "model.positive_unknown"
    text = Text("目标列 {column} 中没有取值 {value}。", "The target {column} never has the value {value}.")
    next_step = Text("它的取值：{values}", "Its values: {values}")


class TooFewRows(Invalid):
    """Too few good or bad rows for anything to be learned and checked."""

    code = "model.too_few_rows"
    text = Text(
        "可用行数：好 {good}，坏 {bad}；每一类至少需要 {minimum} 行。",
        "Usable rows: {good} good, {bad} bad; at least {minimum} of each are needed.",
    )
    next_step = Text("补充数据，或合并更长的时期。", "Add rows, or join a longer period.")


class SplitOneSided(Invalid):
    """A split left one side without good or bad rows."""

    code = "model.split_one_sided"
    text = Text(
        "按 {protocol} 划分后，{part}只有好 {good} 行、坏 {bad} 行。",
        "Split by {protocol}, the {part_en} part has only {good} good and {bad} bad rows.",
    )
    next_step = Text(
        "换用其他划分（--protocol kfold5），或提供更多数据。", "Choose another split (--protocol kfold5) or bring more rows."
    )


class NothingToLearn(Invalid):
    """No column is left after ids, constants and leaks are taken out."""

    code = "model.nothing_to_learn"
    text = Text("没有可用于建模的列：{columns}", "No column is left to learn from: {columns}")
    next_step = Text("用 --keep 列名 保留被排除的列，或提供更多列。", "Keep a column by --keep COLUMN, or bring more columns.")


class TimeUnreadable(Invalid):
    """The time column does not hold dates or months."""

    code = "model.time_unreadable"
    text = Text(
        "时间列 {column} 中 {share} 的值不是日期或月份（例如 {example}）。",
        "In the time column {column}, {share} of the values are no date or month (for example {example}).",
    )
    next_step = Text(
        "接受 2026-03-01、20260301、202603、2026Q1、2026 与时间戳。",
        "Accepted: 2026-03-01, 20260301, 202603, 2026Q1, 2026 and time stamps.",
    )


class ProtocolUnknown(Invalid):
    """There is no split of that name, or it needs a time column."""

    code = "model.protocol_unknown"
    text = Text("没有名为 {protocol} 的划分方式，或缺少 --time。", "There is no protocol {protocol}, or it needs --time.")
    next_step = Text("可用：{known}", "Known: {known}")


class ScalingImpossible(Invalid):
    """A points scale that is not a scale."""

    code = "model.scaling_impossible"
    text = Text(
        "分数刻度不可用：基准赔率与翻倍分值须为正数。", "The scale is impossible: odds and doubling points must be positive."
    )


class TrainingGroupMissing(PartnerUnavailable):
    """The libraries of model building are not installed here."""

    code = "model.training_not_installed"
    text = Text("此环境没有安装建模组件（{package}）。", "The libraries of model building are not installed here ({package}).")
    next_step = Text("运行 make setup-train。", "Run make setup-train.")


class ArtefactUnreadable(Invalid):
    """The folder holds no model, or its files do not fit together."""

    code = "model.artefact_unreadable"
    text = Text("{path} 不是完整的模型目录：{detail}", "{path} is not a complete model folder: {detail}")
    next_step = Text("用 weidai model train … --out 目录 重新生成。", "Make it again by weidai model train … --out FOLDER.")


class FolderUnwritable(Invalid):
    """The folder for the model cannot be written."""

    code = "model.folder_unwritable"
    text = Text("无法写入 {path}:{detail}", "{path} cannot be written: {detail}")
    next_step = Text("用 --out 目录 指定另一处。", "Name another place by --out FOLDER.")


class ModelNotFound(NotFound):
    """The registry has no such model."""

    code = "model.not_found"
    text = Text("没有登记这个模型。", "No such model is registered.")
    next_step = Text("用 weidai model list 查看。", "See weidai model list.")


class ModelAlreadyRegistered(Conflict):
    """The same artefact stands in the registry already."""

    code = "model.already_registered"
    text = Text("同一模型已登记为 {name} 第 {version} 版。", "The same artefact is registered as {name}, version {version}.")


class ModelStateConflict(Conflict):
    """The model is in another state than the request needs."""

    code = "model.state_conflict"
    text = Text("模型当前状态为 {state}，不能进行此操作。", "The model is {state}; this is not possible now.")


class ModelSecondPersonNeeded(Forbidden):
    """Whoever registered a model may not put it to work (maker-checker)."""

    code = "model.second_person_needed"
    text = Text("登记人不能自行启用模型。", "Whoever registered a model may not put it to work.")
    next_step = Text("请另一位有权限的同事复核。", "Ask a colleague who holds the permission.")


class ModelInputsNotLive(Conflict):
    """The model wants inputs that a live assessment does not have."""

    code = "model.inputs_not_live"
    text = Text("实时评估没有以下输入：{columns}", "A live assessment does not have these inputs: {columns}")
    next_step = Text("用 weidai model table 导出的表重新训练。", "Train again on the table written by weidai model table.")


class ModelNotEnoughScores(Conflict):
    """A shadow that scored nobody yet cannot be compared, so it cannot become champion."""

    code = "model.not_enough_scores"
    text = Text("影子期内只评分了 {count} 次，至少需要 {minimum} 次。",
                "In shadow it scored {count} times; at least {minimum} are needed.")
    next_step = Text("让它再并行运行一段时间。", "Let it run beside the live decisions for longer.")
