package import Configuration
package import Coordination
package import HTTPClient
package import MarketoClient
import OnewayCore
package import Store
package import Telemetry

/// Wires everything that delivers to Marketo; only if Marketo is configured.
package struct Forwarding: Sendable {
    package let client: MarketoClient
    package let gate: CallGate
    package let fields: FieldBook
    package let forwarder: Forwarder
    package let probe: MarketoProbe
    /// For those who compare: through the same gate.
    package let reader: MarketoReader

    package init?(
        _ settings: Configuration,
        store: any StoreLeader,
        transport: (any Transport)? = nil,
        time: TimeSource = .system,
        metrics: MarketoMetrics,
        claimSeconds: Int = 600,
        recordsConfirmed: @escaping @Sendable (Int) -> Void = { _ in },
        log: Log
    ) {
        let marketo = settings.marketo
        guard marketo.isConnected else { return nil }
        client = MarketoClient(
            MarketoAccess(marketo),
            transport: transport ?? CurlTransport(threads: marketo.concurrentCalls, userAgent: Oneway.userAgent),
            mayCall: { store.isSure }
        )
        gate = CallGate(
            CallBudget.Limits(
                callsPer20Seconds: marketo.callsPer20Seconds,
                concurrentCalls: marketo.concurrentCalls,
                callsPerDay: marketo.callsPerDay
            ),
            store: store,
            time: time,
            log: log
        )
        fields = FieldBook(time: time)
        let lead = LeadSettings(
            field: marketo.lead.field,
            isCreated: marketo.lead.create,
            partition: marketo.lead.partition
        )
        let context = DeliveryContext(
            store: store,
            client: client,
            gate: gate,
            time: time,
            lead: lead,
            fields: fields,
            sendsSalesPersons: marketo.salesPersons,
            metrics: metrics,
            recordsConfirmed: recordsConfirmed,
            log: log
        )
        probe = MarketoProbe(context)
        reader = MarketoReader(context)
        forwarder = Forwarder(
            context,
            flushMilliseconds: marketo.flushAfterMilliseconds,
            graceSeconds: settings.limits.drainSecondsMax,
            claimSeconds: claimSeconds
        )
    }

    /// Call this when an operator has fixed something.
    package func retryNow() {
        forwarder.retryNow()
        probe.retryNow()
    }
}

extension MarketoAccess {
    package init(_ marketo: Configuration.Marketo) {
        self.init(
            endpoint: marketo.endpoint,
            clientID: marketo.clientId,
            clientSecret: marketo.clientSecret.reveal(),
            certificateAuthority: marketo.certificateAuthority
        )
    }
}
