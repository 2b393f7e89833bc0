public import OnewayCore
public import Store
public import Telemetry

// Names of the core and the store that are labels as they are: closed sets, none of them from outside.

extension DeliveryState.Stage: MetricLabel {
    public static var labelName: String { "stage" }
}

extension WaitReason: MetricLabel {
    public static var labelName: String { "reason" }
}

extension Outcome: MetricLabel {
    public static var labelName: String { "outcome" }
}

extension HealthLevel: MetricLabel {
    public static var labelName: String { "level" }
}

extension Cause: MetricLabel {
    public static var labelName: String { "code" }
}

extension StoreReplica.Role: MetricLabel {
    public static var labelName: String { "role" }
}
