import Configuration
import MarketoClient
import OnewayCore
import Store
import Telemetry

/// All that goes to Marketo, wired; only where Marketo is configured.
struct Forwarding: Sendable {
    let client: MarketoClient
    let gate: CallGate
    let fields: FieldBook
    let forwarder: Forwarder

    init?(
        _ settings: Configuration,
        store: any Store,
        transport: (any Transport)? = nil,
        time: Time = .real,
        metrics: MarketoMetrics,
        traffic: Traffic = Traffic(),
        log: Log
    ) {
        let marketo = settings.marketo
        guard marketo.isConnected else { return nil }
        client = MarketoClient(
            MarketoAccess(marketo),
            transport: transport ?? CurlTransport(threads: marketo.concurrentCalls)
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
        let desk = Desk(
            store: store,
            client: client,
            gate: gate,
            time: time,
            lead: LeadSettings(
                field: marketo.lead.field,
                isCreated: marketo.lead.create,
                partition: marketo.lead.partition
            ),
            fields: fields,
            metrics: metrics,
            traffic: traffic,
            log: log
        )
        forwarder = Forwarder(
            desk,
            flushMilliseconds: marketo.flushAfterMilliseconds,
            graceSeconds: settings.limits.drainSecondsMax
        )
    }

    /// An operator has mended something.
    func tryNow() { forwarder.tryNow() }
}

extension MarketoAccess {
    init(_ marketo: Configuration.Marketo) {
        self.init(
            endpoint: marketo.endpoint,
            clientID: marketo.clientId,
            clientSecret: marketo.clientSecret.reveal(),
            certificateAuthority: marketo.certificateAuthority
        )
    }
}
