package import Alerting
package import Completing
package import Forwarding
package import Loading
package import Verifying

/// What there is only where the replica leads.
package struct LeadingParts: Sendable {
    /// Nil: Marketo is not configured.
    let forwarding: Forwarding?
    /// Nil: Dynamics cannot be asked.
    let completer: Completer?
    /// Nil as well.
    let planner: LoadPlanner?
    /// Nil: Marketo is not configured.
    let verifier: Verifier?
    /// Nil: nobody is to be told.
    let alerter: Alerter?

    package init(
        forwarding: Forwarding?,
        completer: Completer? = nil,
        planner: LoadPlanner? = nil,
        verifier: Verifier? = nil,
        alerter: Alerter? = nil
    ) {
        (self.forwarding, self.completer) = (forwarding, completer)
        (self.planner, self.verifier, self.alerter) = (planner, verifier, alerter)
    }
}

/// What is configured, whoever leads.
package struct Connections: Sendable {
    let marketo: Bool
    let dynamics: Bool
    /// Marketo's field in which people are looked up.
    let leadField: String
    /// 0: only when an operator asks.
    let reconcileEveryMinutes: Int

    package init(marketo: Bool, dynamics: Bool, leadField: String, reconcileEveryMinutes: Int = 0) {
        (self.marketo, self.dynamics, self.leadField) = (marketo, dynamics, leadField)
        self.reconcileEveryMinutes = reconcileEveryMinutes
    }
}
