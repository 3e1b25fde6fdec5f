"""Boosted trees as an ONNX model (R2.6): the same leaf for every row, log-odds of bad equal to the booster's.

The serving runtime compares in float32. Inputs are float32 when the booster learns, so lowering each threshold to the
nearest float32 below keeps every comparison as it was; a general converter that rounds to nearest does not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from weidai.assessment.scorecards.errors import TrainingGroupMissing

INPUT, OUTPUT = "inputs", "log_odds"
TOLERANCE = 1e-4  # log-odds; sums of some hundred leaves in float32
_GREATEST = float(np.finfo(np.float32).max)
_LEAF, _BRANCH = "LEAF", "BRANCH_LEQ"


def onnx_bytes(booster: Any, *, width: int) -> bytes:
    """Return the trees of a booster as a serialized ONNX model: float32 rows in, log-odds out."""
    try:
        from onnx import TensorProto, helper
    except ImportError as error:
        raise TrainingGroupMissing(package="onnx") from error
    nodes: dict[str, list[Any]] = {
        key: []
        for key in (
            "nodes_treeids",
            "nodes_nodeids",
            "nodes_featureids",
            "nodes_values",
            "nodes_modes",
            "nodes_truenodeids",
            "nodes_falsenodeids",
            "nodes_missing_value_tracks_true",
            "nodes_hitrates",
            "target_treeids",
            "target_nodeids",
            "target_ids",
            "target_weights",
        )
    }
    for number, tree in enumerate(booster.dump_model()["tree_info"]):
        _tree_add(nodes, number, tree["tree_structure"])
    ensemble = helper.make_node(
        "TreeEnsembleRegressor",
        [INPUT],
        [OUTPUT],
        domain="ai.onnx.ml",
        n_targets=1,
        aggregate_function="SUM",
        post_transform="NONE",
        **nodes,
    )
    graph = helper.make_graph(
        [ensemble],
        "boosted_trees",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [None, width])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [None, 1])],
    )
    model = helper.make_model(
        graph,
        producer_name="weidai",
        ir_version=8,
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)],
    )
    return bytes(model.SerializeToString())


def onnx_session(content: bytes) -> Any:
    """Return a runtime session with one thread."""
    try:
        import onnxruntime
    except ImportError as error:
        raise TrainingGroupMissing(package="onnxruntime") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def onnx_log_odds(session: Any, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return each row's log-odds of bad."""
    return np.asarray(session.run([OUTPUT], {INPUT: rows})[0]).reshape(-1).astype(np.float64)


def difference(booster: Any, content: bytes, rows: NDArray[np.float32]) -> float:
    """Return the largest gap in log-odds between the booster and its ONNX model over these rows."""
    session = onnx_session(content)
    expected = np.asarray(booster.predict(rows, raw_score=True, num_threads=1))
    return float(np.max(np.abs(onnx_log_odds(session, rows) - expected)))


def _tree_add(nodes: dict[str, list[Any]], number: int, root: dict[str, Any]) -> None:
    """Add one tree's nodes, numbered as they are met; without recursion, trees may be deep."""
    waiting, following = [(0, root)], 1
    while waiting:
        at, node = waiting.pop()
        nodes["nodes_treeids"].append(number)
        nodes["nodes_nodeids"].append(at)
        nodes["nodes_hitrates"].append(1.0)
        if "left_child" not in node:
            _leaf_add(nodes, number, at, float(node["leaf_value"]))
            continue
        left, right, following = following, following + 1, following + 2
        assert node["decision_type"] == "<=", node["decision_type"]
        threshold = float(node["threshold"])
        nodes["nodes_modes"].append(_BRANCH)
        nodes["nodes_featureids"].append(int(node["split_feature"]))
        nodes["nodes_values"].append(_float32_below(threshold))
        nodes["nodes_truenodeids"].append(left)
        nodes["nodes_falsenodeids"].append(right)
        nodes["nodes_missing_value_tracks_true"].append(int(_missing_goes_left(node, threshold)))
        waiting += [(left, node["left_child"]), (right, node["right_child"])]


def _leaf_add(nodes: dict[str, list[Any]], number: int, at: int, value: float) -> None:
    for key, fill in (
        ("nodes_modes", _LEAF),
        ("nodes_featureids", 0),
        ("nodes_values", 0.0),
        ("nodes_truenodeids", 0),
        ("nodes_falsenodeids", 0),
        ("nodes_missing_value_tracks_true", 0),
    ):
        nodes[key].append(fill)
    nodes["target_treeids"].append(number)
    nodes["target_nodeids"].append(at)
    nodes["target_ids"].append(0)
    nodes["target_weights"].append(value)


def _missing_goes_left(node: dict[str, Any], threshold: float) -> bool:
    """A column that never missed a value is read as 0 when it does; else the side learned for missing."""
    return bool(node["default_left"]) if node["missing_type"] == "NaN" else threshold >= 0.0


def _float32_below(threshold: float) -> float:
    if abs(threshold) > _GREATEST:
        return float(np.copysign(_GREATEST, threshold))
    near = np.float32(threshold)
    return float(np.nextafter(near, np.float32(-np.inf))) if float(near) > threshold else float(near)
