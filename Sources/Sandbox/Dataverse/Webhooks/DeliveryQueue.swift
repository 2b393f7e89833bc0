import OnewayCore

/// The notifications of asynchronous steps that wait to be sent, in order, and what is to go wrong with them.
struct DeliveryQueue: Sendable {
    struct Item: Sendable {
        let delivery: Delivery
        var fault: WebhookFault.Kind?
    }

    private var waiting: [Item] = []
    private var first = 0
    /// Those that the next one is to overtake.
    private var held: [Item] = []
    private var underWay = 0
    private(set) var records: [DeliveryRecord] = []
    var waiters: [CheckedContinuation<Void, Never>] = []

    static let recordsMax = 10_000

    /// Nothing to do; what is held back for another to overtake it does not count.
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

    /// Sends what was held back, with nothing overtaking it any more.
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

    /// Whoever waited until nothing was left, where nothing is.
    mutating func takeWaiters(evenIfBusy: Bool = false) -> [CheckedContinuation<Void, Never>] {
        guard isIdle || evenIfBusy else { return [] }
        defer { waiters = [] }
        return waiters
    }

    /// Forgets what was and what waits, but not what is under way.
    mutating func reset() {
        waiting = []
        first = 0
        held = []
        records = []
    }
}
