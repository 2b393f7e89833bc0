/// The metadata of a notification, apart from the record: user, operation, time, and registered step.
public struct Envelope: Hashable, Sendable {
    /// A problem in the envelope that makes the notification unusable.
    public struct Problem: Hashable, Sendable {
        public let pointer: String
        public let says: String
    }

    public internal(set) var messageName = ""
    public internal(set) var primaryEntityName = ""
    /// Ids are nil if Dynamics writes the zero GUID.
    public internal(set) var primaryEntityId: GUID?
    public internal(set) var organizationId: GUID?
    public internal(set) var organizationName: String?
    public internal(set) var initiatingUserId: GUID?
    public internal(set) var userId: GUID?
    /// 0 synchronous, 1 asynchronous. A body without it comes from a plug-in's own call: asynchronous.
    public internal(set) var mode = 1
    /// 10 and 20 before the main operation, 40 after it.
    public internal(set) var stage = 40
    public internal(set) var depth: Int?
    public internal(set) var isInTransaction = false
    public internal(set) var operationId: GUID?
    public internal(set) var operationCreatedOn: WireDate?
    /// The registered step that sent this.
    public internal(set) var stepId: GUID?
    public internal(set) var correlationId: GUID?
    public internal(set) var requestId: GUID?
    /// The first problem found. The rest is read anyway, as far as possible.
    public internal(set) var problem: Problem?

    /// A user is waiting: any answer but success cancels the save.
    public var isSynchronous: Bool { mode == 0 }

    /// It describes a change that may never be committed.
    public var isBeforeOperation: Bool { isSynchronous && (stage == 10 || stage == 20) }

    /// The transaction it was sent from may yet be rolled back.
    public var mayBeRolledBack: Bool { isSynchronous && isInTransaction }

    /// Reads only the envelope, regardless of the state of the rest.
    public static func peek(
        _ body: [UInt8],
        depthMax: Int = JSONDocument.depthMaxByDefault
    ) throws(NotificationError) -> Envelope {
        EnvelopeReader(try NotificationBody(body, depthMax: depthMax).document).envelope
    }
}

/// A body as one JSON object, with its text repaired if it was encoded twice.
struct NotificationBody {
    let document: JSONDocument
    let isRepaired: Bool

    init(_ body: [UInt8], depthMax: Int) throws(NotificationError) {
        let repaired = TextRepair.repaired(body)
        isRepaired = repaired != nil
        do throws(JSONError) {
            document = try JSONDocument(repaired ?? body, depthMax: depthMax)
        } catch {
            throw .malformed(error)
        }
        guard document.kind(0) == .object else {
            throw .malformed(JSONError(offset: 0, says: "the document is not an object"))
        }
    }
}
