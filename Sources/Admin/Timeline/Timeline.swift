import OnewayCore
import Store

/// What happened to one opportunity, newest first: what was received, read, decided, sent, confirmed, and refused.
struct Timeline {
    struct Entry {
        let at: Timestamp
        let what: What
    }

    enum What {
        case received(InboxItem, [Said])
        case read(Question)
        case decided(DeliveryEvent)
        case sent(DeliveryEvent)
        /// With the time at which the rules decided what Marketo holds now.
        case confirmed(DeliveryEvent, decidedAt: Timestamp?)
        case failed(DeliveryEvent)
    }

    /// One value that a notification contained.
    struct Said {
        let contribution: Contribution
        /// For a late one, the notification that contained the newer value, if that is still kept.
        var newerIn: InboxID?
    }

    static let notificationsMax = 50
    static let eventsMax = 200

    let entries: [Entry]

    init(received: [(item: InboxItem, said: [Said])], reads: [Question], events: [DeliveryEvent]) {
        var entries = received.map { Entry(at: $0.item.receivedAt, what: .received($0.item, $0.said)) }
        entries += reads.compactMap { read in read.askedAt.map { Entry(at: $0, what: .read(read)) } }
        for event in events {
            if let sentAt = event.sentAt { entries.append(Entry(at: sentAt, what: .sent(event))) }
            switch event.kind {
            case .decided: entries.append(Entry(at: event.at, what: .decided(event)))
            case .confirmed:
                let decided = events.filter { event.confirms($0) }.map(\.at).max()
                entries.append(Entry(at: event.at, what: .confirmed(event, decidedAt: decided)))
            case .failed: entries.append(Entry(at: event.at, what: .failed(event)))
            }
        }
        self.entries = entries.sorted { ($1.at, $1.what.place) < ($0.at, $0.what.place) }
    }
}

extension DeliveryEvent {
    /// Whether this confirms what that decided.
    fileprivate func confirms(_ decision: DeliveryEvent) -> Bool {
        decision.kind == .decided && decision.key == key && decision.version == version
    }
}

extension Timeline.What {
    /// The order of what happens in one millisecond.
    fileprivate var place: Int {
        switch self {
        case .received: 0
        case .read: 1
        case .decided: 2
        case .sent: 3
        case .confirmed, .failed: 4
        }
    }

    /// As the API names it.
    var name: String {
        switch self {
        case .received: "received"
        case .read: "read"
        case .decided: "decided"
        case .sent: "sent"
        case .confirmed: "confirmed"
        case .failed: "failed"
        }
    }
}
