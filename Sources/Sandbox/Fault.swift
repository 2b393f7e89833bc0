/// Something that is to go wrong with calls that would otherwise be executed.
public struct Fault: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// Not executed; the code is that of the whole call.
        case error(code: String)
        /// Records with this key (nil: all of them) are skipped with the code, which stands in `reasons` or in `errors`.
        case record(code: String, key: String?, inErrors: Bool)
        /// Not executed: another HTTP status, with a page in HTML as gateways send it.
        case status(Int)
        case cutBefore
        /// Executed, and the connection is cut instead of an answer.
        case cutAfter
        /// Executed, answered with 200 and bytes that are no JSON.
        case garbage
        /// Executed, and the last results are missing in the answer.
        case short(by: Int)
        /// Nothing but what the other members say.
        case none
    }

    public var kind: Kind
    /// What follows `/rest/v1/`, without `.json`, or `identity/oauth/token`; nil: every call of the REST API.
    public var path: String?
    public var method: String?
    /// How often; nil: until it is taken back.
    public var times: Int?
    /// The answer comes this much later.
    public var delaySeconds: Double
    /// Codes as numbers, though they are text.
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

    /// Whether a client surely hears what was done: of a late answer it may not.
    var isHeard: Bool {
        switch kind {
        case .cutAfter, .garbage, .short: false
        default: delaySeconds == 0
        }
    }
}

/// How the instance is as a whole.
public enum Mode: String, Sendable, CaseIterable {
    case normal
    /// Every connection is cut without an answer.
    case down
    /// 603 for every call.
    case denied
    /// A native CRM sync is on: 1018 for every write but those of leads.
    case nativeSync = "native-sync"
}

extension Fault: CountedFault {
    func concerns(_ call: (method: String, path: String)) -> Bool {
        let isMine = path.map { $0 == call.path } ?? !Call.tokenPaths.contains(call.path)
        return isMine && (method ?? call.method) == call.method
    }
}

/// A fault that is used up.
protocol CountedFault: Sendable {
    associatedtype Subject
    /// How often; nil: until it is taken back.
    var times: Int? { get set }
    func concerns(_ subject: Subject) -> Bool
}

/// The faults that wait for what they concern.
struct Faults<Item: CountedFault>: Sendable {
    private(set) var waiting: [Item] = []

    mutating func add(_ fault: Item) { waiting.append(fault) }

    mutating func clear() { waiting = [] }

    /// The first that concerns it, used up once.
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
