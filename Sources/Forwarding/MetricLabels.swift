public import OnewayCore
public import Telemetry

// Names of the core that are labels as they are: closed sets, none of them from outside.

extension RecordKind: MetricLabel {
    public static var labelName: String { "kind" }
}

extension MarketoCallName: MetricLabel {
    public static var labelName: String { "call" }
}
