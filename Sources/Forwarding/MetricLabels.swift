public import OnewayCore
public import Telemetry

// Names of the core that are used directly as labels: closed sets, with no values from outside.

extension RecordKind: MetricLabel {
    public static var labelName: String { "kind" }
}

extension MarketoCallName: MetricLabel {
    public static var labelName: String { "call" }
}
