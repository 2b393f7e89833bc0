/// A failure to inject into calls that would otherwise be executed.
public struct Fault: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// Not executed; the code is that of the whole call.
        case error(code: String)
        /// Records with this key (nil: all of them) are skipped with the code, which is in `reasons` or in `errors`.
        case record(code: String, key: String?, inErrors: Bool)
        /// Not executed: another HTTP status, with an HTML page as gateways send it.
        case status(Int)
        case cutBefore
        /// Executed, and the connection is cut instead of an answer.
        case cutAfter
        /// Executed, answered with 200 and bytes that are not JSON.
        case garbage
        /// Executed, and the last results are missing from the answer.
        case short(by: Int)
        /// No failure; only the other members apply.
        case none
    }

    public var kind: Kind
    /// The part after `/rest/v1/`, without `.json`, or `identity/oauth/token`; nil: every call to the REST API.
    public var path: String?
    public var method: String?
    /// The number of calls; nil: until it is removed.
    public var times: Int?
    /// The delay of the answer.
    public var delaySeconds: Double
    /// Sends codes as numbers instead of text.
    public var codesAreNumbers: Bool

    public init(
        _ kind: Kind,
        path: String? = nil,
        method: String? = nil,
        times: Int? = 1,
        delaySeconds: Double = 0,
        codesAreNumbers: Bool = false
    ) {
        self.kind = kind
        self.path = path
        self.method = method
        self.times = times
        self.delaySeconds = delaySeconds
        self.codesAreNumbers = codesAreNumbers
    }

    /// Whether a client surely receives the outcome: it may not wait for a late answer.
    var isHeard: Bool {
        switch kind {
        case .cutAfter, .garbage, .short: false
        default: delaySeconds == 0
        }
    }
}

/// The state of the whole instance.
public enum Mode: String, Sendable, CaseIterable {
    case normal
    /// Every connection is cut without an answer.
    case down
    /// 603 for every call.
    case denied
    /// A native CRM sync is on: 1018 for every write except those of leads.
    case nativeSync = "native-sync"
}

extension Fault: CountedFault {
    func concerns(_ call: (method: String, path: String)) -> Bool {
        let isMine = path.map { $0 == call.path } ?? !Call.tokenPaths.contains(call.path)
        return isMine && (method ?? call.method) == call.method
    }
}

/// A fault that applies a limited number of times.
protocol CountedFault: Sendable {
    associatedtype Subject
    /// Nil: until it is removed.
    var times: Int? { get set }
    func concerns(_ subject: Subject) -> Bool
}

/// The faults that wait for something they apply to.
struct Faults<Item: CountedFault>: Sendable {
    private(set) var waiting: [Item] = []

    mutating func add(_ fault: Item) { waiting.append(fault) }

    mutating func clear() { waiting = [] }

    /// Returns the first that applies, and uses it up once.
    mutating func next(_ subject: Item.Subject) -> Item? {
        guard let index = waiting.firstIndex(where: { $0.concerns(subject) }) else { return nil }
        let fault = waiting[index]
        if let times = fault.times {
            waiting[index].times = times - 1
            if times <= 1 { waiting.remove(at: index) }
        }
        return fault
    }
}
