"""The TensorFlow ops a SavedModel may hold. Others may read or write files or call Python."""

from __future__ import annotations

STATE = """
    Assert AssignAddVariableOp AssignSubVariableOp AssignVariableOp Bucketize Case DestroyResourceOp
    DisableCopyOnRead If Multinomial PartitionedCall Placeholder RandomStandardNormal RandomUniform RandomUniformInt
    ReadVariableOp ResourceGather ResourceGatherNd StatefulPartitionedCall StatefulStandardNormalV2
    StatefulTruncatedNormal StatefulUniform StatelessCase StatelessIf StatelessRandomGetKeyCounter
    StatelessRandomNormalV2 StatelessRandomUniformV2 StatelessWhile TensorListElementShape TensorListFromTensor
    TensorListGetItem TensorListReserve TensorListSetItem TensorListStack TruncatedNormal VarHandleOp
    VarIsInitializedOp VariableShape While
"""
ARITHMETIC = """
    Abs Add AddN AddV2 All Any ArgMax ArgMin AvgPool BatchMatMul BatchMatMulV2 BatchMatMulV3
    BatchNormWithGlobalNormalization BatchToSpaceND BiasAdd BiasAddGrad BroadcastArgs BroadcastGradientArgs
    BroadcastTo Cast Ceil ClipByValue Concat ConcatV2 Const Conv2D Conv2DBackpropFilter Conv2DBackpropInput Cos
    Cumsum DepthToSpace DepthwiseConv2dNative DepthwiseConv2dNativeBackpropFilter DepthwiseConv2dNativeBackpropInput
    Div DivNoNan Einsum Elu EluGrad Empty EnsureShape Equal Erf Exp Expand ExpandDims FakeQuantWithMinMaxArgs
    FakeQuantWithMinMaxVars FakeQuantWithMinMaxVarsPerChannel Fill Floor FloorDiv FloorMod FusedBatchNorm
    FusedBatchNormGradV3 FusedBatchNormV2 FusedBatchNormV3 Gather GatherNd GatherV2 Greater GreaterEqual Identity
    IdentityN Inv InvGrad L2Loss LeakyRelu LeakyReluGrad Less LessEqual LinSpace Log Log1p LogSoftmax LogicalAnd
    LogicalNot LogicalOr MatMul Max MaxPool MaxPoolGrad MaxPoolV2 Maximum Mean Min Minimum MirrorPad Mod Mul
    MulNoNan Neg NoOp NotEqual OneHot OnesLike Pack Pad PadV2 ParallelConcat PlaceholderWithDefault Pow
    PreventGradient Prod Range Rank RealDiv Reciprocal ReciprocalGrad Relu Relu6 Relu6Grad ReluGrad Reshape
    ResizeBilinear ResizeNearestNeighbor Reverse ReverseV2 Rint Round Rsqrt RsqrtGrad ScatterNd Select SelectV2 Selu
    Shape ShapeN Sigmoid SigmoidGrad Sign Sin Size Slice Snapshot Softmax Softplus SoftplusGrad Softsign
    SpaceToBatchND SpaceToDepth Split SplitV Sqrt SqrtGrad Square SquaredDifference Squeeze StopGradient
    StridedSlice StridedSliceGrad Sub Sum Tan Tanh TanhGrad TensorScatterAdd TensorScatterUpdate Tile TopK TopKV2
    Transpose TruncateDiv Unpack Where Xdivy ZerosLike
"""
SAVING = "MergeV2Checkpoints RestoreV2 SaveV2 ShardedFilename StaticRegexFullMatch StringJoin"

NETWORK = frozenset(STATE.split()) | frozenset(ARITHMETIC.split())
CHECKPOINT = frozenset(SAVING.split())  # these do read and write files: only TensorFlow's own saver may hold them
