public import OnewayCore
public import Telemetry

// Names of the core and the store that are labels as they are: closed sets, none of them from outside.

extension RecordKind: MetricLabel {
    public static var labelName: String { "kind" }
}

extension DeliveryState.Stage: MetricLabel {
    public static var labelName: String { "stage" }
}

extension MarketoCallName: MetricLabel {
    public static var labelName: String { "call" }
}

extension Outcome: MetricLabel {
    public static var labelName: String { "outcome" }
}
