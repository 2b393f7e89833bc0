import OnewayCore

/// The queued notifications for asynchronous steps, in order, with their faults.
struct DeliveryQueue: Sendable {
    struct Item: Sendable {
        let delivery: Delivery
        var fault: WebhookFault.Kind?
    }

    private var waiting: [Item] = []
    private var first = 0
    /// Held back until the next one has been queued.
    private var held: [Item] = []
    private var underWay = 0
    private(set) var records: [DeliveryRecord] = []
    var waiters: [CheckedContinuation<Void, Never>] = []

    static let recordsMax = 10_000

    /// Whether nothing is queued or in flight. Notifications held back by a `reorder` fault do not count.
    var isIdle: Bool { first == waiting.count && underWay == 0 }
    var count: Int { waiting.count - first + held.count + underWay }

    mutating func add(_ delivery: Delivery, fault: WebhookFault.Kind?) {
        let item = Item(delivery: delivery, fault: fault)
        if fault == .reorder {
            held.append(item)
            return
        }
        waiting.append(item)
        if fault == .double { waiting.append(item) }
        waiting += held
        held = []
    }

    /// Queues the notifications that were held back.
    mutating func release() {
        waiting += held
        held = []
    }

    mutating func next() -> Item? {
        guard first < waiting.count else { return nil }
        underWay += 1
        first += 1
        let item = waiting[first - 1]
        if first > 1024, first > waiting.count / 2 {
            waiting.removeFirst(first)
            first = 0
        }
        return item
    }

    mutating func done(_ record: DeliveryRecord) {
        underWay -= 1
        add(record)
    }

    mutating func add(_ record: DeliveryRecord) {
        records.append(record)
        if records.count > Self.recordsMax + 1000 { records.removeFirst(1000) }
    }

    /// Removes and returns the waiters if the queue is idle.
    mutating func takeWaiters(evenIfBusy: Bool = false) -> [CheckedContinuation<Void, Never>] {
        guard isIdle || evenIfBusy else { return [] }
        defer { waiters = [] }
        return waiters
    }

    /// Forgets past and queued notifications, but not those in flight.
    mutating func reset() {
        waiting = []
        first = 0
        held = []
        records = []
    }
}
