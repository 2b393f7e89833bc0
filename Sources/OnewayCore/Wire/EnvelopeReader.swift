/// Finds the envelope's members in one pass, and reads the relevant ones. `ParentContext` is skipped.
struct EnvelopeReader {
    private(set) var envelope = Envelope()
    /// Tape indexes of the members' values; 0 (the document itself) for missing ones.
    private var places = [Int](repeating: 0, count: Self.names.count)

    private static let names: [StaticString] = [
        "BusinessUnitId", "CorrelationId", "Depth", "InitiatingUserAgent",
        "InitiatingUserAzureActiveDirectoryObjectId", "InitiatingUserId", "InputParameters", "IsExecutingOffline",
        "IsInTransaction", "IsOfflinePlayback", "IsolationMode", "MessageName", "Mode", "OperationCreatedOn",
        "OperationId", "OrganizationId", "OrganizationName", "OutputParameters", "OwningExtension", "ParentContext",
        "PostEntityImages", "PreEntityImages", "PrimaryEntityId", "PrimaryEntityName", "RequestId",
        "SecondaryEntityName", "SharedVariables", "Stage", "UserAzureActiveDirectoryObjectId", "UserId",
    ]

    private enum Member: Int {
        case correlationId = 1
        case depth = 2
        case initiatingUserId = 5
        case inputParameters = 6
        case isInTransaction = 8
        case messageName = 11
        case mode = 12
        case operationCreatedOn = 13
        case operationId = 14
        case organizationId = 15
        case organizationName = 16
        case outputParameters = 17
        case owningExtension = 18
        case postEntityImages = 20
        case preEntityImages = 21
        case primaryEntityId = 22
        case primaryEntityName = 23
        case requestId = 24
        case stage = 27
        case userId = 29
    }

    init(_ document: JSONDocument) {
        find(document)
        envelope.messageName = name(.messageName, document)
        envelope.primaryEntityName = name(.primaryEntityName, document)
        envelope.primaryEntityId = guid(.primaryEntityId, document)
        envelope.organizationId = guid(.organizationId, document)
        envelope.organizationName = place(.organizationName).flatMap {
            document.kind($0) == .string ? document.string($0) : nil
        }
        envelope.initiatingUserId = guid(.initiatingUserId, document)
        envelope.userId = guid(.userId, document)
        envelope.mode = int(.mode, document) ?? 1
        envelope.stage = int(.stage, document) ?? 40
        envelope.depth = int(.depth, document)
        envelope.isInTransaction = place(.isInTransaction).map { document.kind($0) == .true } ?? false
        envelope.operationId = guid(.operationId, document)
        envelope.operationCreatedOn = date(.operationCreatedOn, document)
        envelope.stepId = place(.owningExtension).flatMap { document.member($0, "Id") }.flatMap {
            guid($0, document, "/OwningExtension/Id")
        }
        envelope.correlationId = guid(.correlationId, document)
        envelope.requestId = guid(.requestId, document)
    }

    var inputParameters: Int? { place(.inputParameters) }
    var outputParameters: Int? { place(.outputParameters) }
    var preEntityImages: Int? { place(.preEntityImages) }
    var postEntityImages: Int? { place(.postEntityImages) }

    /// Dynamics writes the members in alphabetical order, so the next one is nearly always the expected one.
    private mutating func find(_ document: JSONDocument) {
        let names = Self.names
        var expected = 0
        var unknown: Set<String> = []
        var child = 1
        while child < document.next(0) {
            let isExpected = expected < names.count && document.matches(child, names[expected])
            if let member = isExpected ? expected : names.firstIndex(where: { document.matches(child, $0) }) {
                if places[member] != 0 { problem("/\(names[member])", "this member appears twice") }
                places[member] = child + 1
                expected = member + 1
            } else if !unknown.insert(document.string(child)).inserted {
                problem("", "a member appears twice")
            }
            child = document.next(child + 1)
        }
    }

    private func place(_ member: Member) -> Int? { places[member.rawValue] == 0 ? nil : places[member.rawValue] }

    private mutating func problem(_ pointer: String, _ says: String) {
        if envelope.problem == nil { envelope.problem = Envelope.Problem(pointer: pointer, says: says) }
    }

    private mutating func problem(_ member: Member, _ says: String) {
        problem("/\(Self.names[member.rawValue])", says)
    }

    private mutating func name(_ member: Member, _ document: JSONDocument) -> String {
        if let index = place(member), document.kind(index) == .string, !document.range(index).isEmpty {
            return document.string(index)
        }
        problem(member, place(member) == nil ? "this member is missing" : "this should be a name")
        return ""
    }

    private mutating func guid(_ member: Member, _ document: JSONDocument) -> GUID? {
        place(member).flatMap { guid($0, document, "/\(Self.names[member.rawValue])") }
    }

    private mutating func guid(_ index: Int, _ document: JSONDocument, _ pointer: @autoclosure () -> String) -> GUID? {
        if document.kind(index) == .null { return nil }
        guard let guid = document.guid(index) else {
            problem(pointer(), "this should be a GUID")
            return nil
        }
        return guid.isZero ? nil : guid
    }

    private mutating func int(_ member: Member, _ document: JSONDocument) -> Int? {
        guard let index = place(member), document.kind(index) != .null else { return nil }
        guard let number = document.int(index) else {
            problem(member, "this should be a whole number")
            return nil
        }
        return number
    }

    private mutating func date(_ member: Member, _ document: JSONDocument) -> WireDate? {
        guard let index = place(member), document.kind(index) != .null else { return nil }
        guard let date = document.date(index) else {
            problem(member, "this should be a date like /Date(1506384247000)/")
            return nil
        }
        return date
    }
}
