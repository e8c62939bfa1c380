"""How a compiled model's weights are stored: as int8, or as the 4-bit blocks they came from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.encoder import Precision
from indexer.four_bits import BLOCK, FourBits, find_blocks

if TYPE_CHECKING:
    import onnx

_BLOCK_OPERATORS = "com.microsoft"


def quantize(source: Path, target: Path) -> Precision:
    """Write the graph with int8 weights, one scale a channel, or with the 4-bit ones it has.

    Weights of int8 use seven of the eight bits: processors without VNNI saturate on the eighth,
    and one snapshot must answer alike on every replica. The first sixth of the layers
    stays float32, where rounding hurts most; that more than buys back the lost bit.

    Args:
        source: the float32 graph; it is rewritten on the way.
        target: the graph to write.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    exported = onnx.load(str(source))
    graph = exported.graph
    # The exporter's notes on shapes are wrong behind a layer that changes the width, and
    # those on nodes name folders of this machine, which would show in the snapshot's id.
    del graph.value_info[:]
    for node in graph.node:
        del node.metadata_props[:]
    if _keep_four_bits(exported):
        onnx.save(exported, str(target))
        return "int4"
    onnx.save(exported, str(source))
    weights = {tensor.name for tensor in graph.initializer}
    layers = [n.name for n in graph.node if n.op_type == "MatMul" and n.input[1] in weights]
    quantize_dynamic(
        source,
        target,
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=layers[: math.ceil(len(layers) / 6)],
    )
    return "int8"


def _keep_four_bits(exported: onnx.ModelProto) -> bool:
    """Store a 4-bit model's weights as the blocks they came from; tell whether it is one.

    Nothing is lost that way. As int8, the multilingual model loses three to five points of
    success@1 in Vietnamese and Chinese: its inner values have outliers, which one scale for
    a whole input cannot hold, and these operators scale the inputs in blocks too.
    """
    from onnx import helper, numpy_helper

    graph = exported.graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    layers = [n for n in graph.node if n.op_type == "MatMul" and n.input[1] in tensors]
    tables = [n for n in graph.node if n.op_type == "Gather" and n.input[0] in tensors]
    blocks: dict[str, FourBits] = {}
    for node in layers:
        found = find_blocks(numpy_helper.to_array(tensors[node.input[1]]).T)
        if found is None:
            return False
        blocks[node.input[1]] = found
    for node in tables:
        table = numpy_helper.to_array(tensors[node.input[0]])
        found = find_blocks(table) if table.ndim == 2 else None
        if found is not None:
            numbers, scales = found
            # This operator wants its rows flat.
            blocks[node.input[0]] = numbers.reshape(len(numbers), -1), scales
    for node in (*layers, *tables):
        _read_blocks(node, blocks)
    others = [tensor for tensor in graph.initializer if tensor.name not in blocks]
    del graph.initializer[:]
    graph.initializer.extend(others)
    for name, (numbers, scales) in blocks.items():
        graph.initializer.append(numpy_helper.from_array(numbers, name))
        graph.initializer.append(numpy_helper.from_array(scales, f"{name}.scales"))
    exported.opset_import.append(helper.make_opsetid(_BLOCK_OPERATORS, 1))
    return bool(layers)


def _read_blocks(node: onnx.NodeProto, blocks: Mapping[str, FourBits]) -> None:
    """Let a node read its weights from blocks, if they are among them.

    Source: ONNX Runtime's contributed operators, which come with every build of it.
    """
    from onnx import helper

    settings = {"bits": 4, "block_size": BLOCK}
    if node.op_type == "MatMul":
        value, name = node.input
        _, scales = blocks[name]
        settings |= {"K": scales.shape[1] * BLOCK, "N": len(scales)}
        # Inputs become int8 as well, with a scale for each block.
        settings |= {"accuracy_level": 4}
        inputs, kind = [value, name, f"{name}.scales"], "MatMulNBits"
    else:
        name, rows = node.input
        if name not in blocks:
            return
        settings |= {"gather_axis": 0, "quantize_axis": 1}
        inputs, kind = [name, rows, f"{name}.scales"], "GatherBlockQuantized"
    node.op_type, node.domain = kind, _BLOCK_OPERATORS
    del node.input[:], node.attribute[:]
    node.input.extend(inputs)
    node.attribute.extend(helper.make_attribute(key, value) for key, value in settings.items())
