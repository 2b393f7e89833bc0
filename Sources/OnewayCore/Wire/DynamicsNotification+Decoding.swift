extension DynamicsNotification {
    /// Decodes a body as Dynamics sends it. An authentic notification of no interest is returned as `ignored`.
    public static func decode(
        _ body: [UInt8],
        selection: Selection,
        depthMax: Int = JSONDocument.depthMaxByDefault
    ) throws(NotificationError) -> DynamicsNotification {
        let body = try NotificationBody(body, depthMax: depthMax)
        let envelope = EnvelopeReader(body.document)
        if let problem = envelope.envelope.problem {
            throw .unusable(problem.pointer, problem.says, envelope.envelope)
        }
        var notification = DynamicsNotification(envelope: envelope.envelope)
        notification.isRepaired = body.isRepaired
        if body.isRepaired {
            notification.reasons.append(Reason(says: "the text was encoded twice, and has been repaired"))
        }
        let message = Message(rawValue: envelope.envelope.messageName)
        guard let entity = Entity(rawValue: envelope.envelope.primaryEntityName), entity.isReported else {
            notification.ignored = Reason(says: "this is about a table that Oneway does not follow")
            return notification
        }
        guard let message, message.concerns(entity) else {
            notification.ignored = Reason(says: "this message changes nothing that Oneway follows")
            return notification
        }
        if envelope.envelope.isBeforeOperation {
            notification.reasons.append(
                Reason(says: "sent before the operation: it may never be committed, so it is not treated as a fact")
            )
            return notification
        }
        var reader = ContentReader(envelope, body.document, entity, selection)
        do throws(Unusable) {
            try reader.read(message)
        } catch {
            throw .unusable(body.document.pointer(error.index) + error.suffix, error.says, envelope.envelope)
        }
        notification.take(reader)
        return notification
    }

    private mutating func take(_ reader: ContentReader) {
        changes = reader.changes
        isCut = reader.isCut
        if changes.isEmpty { ignored = Reason(says: "it names no record") }
        if isCut {
            reasons.append(
                Reason(says: "Dynamics cut the body because it was over 256 KB: what changed is not in it")
            )
        }
        let notUnderstood = changes.reduce(0) { $1.attributeSets.reduce($0) { $0 + $1.notUnderstood } }
        if notUnderstood > 0 {
            reasons.append(
                Reason(says: "\(notUnderstood) selected value(s) of a kind that no field can hold were left out")
            )
        }
        if envelope.mayBeRolledBack, !changes.isEmpty {
            reasons.append(Reason(rule: "R7", says: "sent from inside a transaction, which may yet be rolled back"))
        }
        for name in Set(changes.flatMap { $0.contradictions(envelope) }).sorted() {
            reasons.append(Reason(rule: "R4", says: "\(name) contradicts customerid, which takes precedence"))
        }
        if !isCut { addReasonsOfTime() }
    }

    private mutating func addReasonsOfTime() {
        let clocks = changes.map { $0.time(envelope).clock }
        if clocks.contains(.postImage) {
            reasons.append(Reason(rule: "R7", says: "the time is the post-image's modifiedon"))
        }
        if clocks.contains(.operation) {
            reasons.append(Reason(rule: "R7", says: "without a modifiedon, the time is OperationCreatedOn"))
        }
        if clocks.contains(.arrival) {
            reasons.append(Reason(rule: "R7", says: "without any time from Dynamics, the time of arrival is used"))
        }
    }
}

/// The messages that change records that Oneway follows, as Dynamics spells them.
enum Message: String {
    case create = "Create"
    case update = "Update"
    case delete = "Delete"
    case assign = "Assign"
    case setState = "SetState"
    case setStateDynamicEntity = "SetStateDynamicEntity"
    case win = "Win"
    case lose = "Lose"
    case merge = "Merge"
    case createMultiple = "CreateMultiple"
    case updateMultiple = "UpdateMultiple"
    case deleteMultiple = "DeleteMultiple"

    func concerns(_ entity: Entity) -> Bool {
        switch self {
        case .create, .update, .delete, .createMultiple, .updateMultiple, .deleteMultiple: true
        case .assign, .win, .lose: entity == .opportunity
        case .setState, .setStateDynamicEntity: entity == .opportunity || entity == .connection
        case .merge: entity == .contact || entity == .account
        }
    }
}

/// A problem that makes a notification unusable, by its place on the tape.
struct Unusable: Error {
    let index: Int
    let says: String
    /// Added to the pointer if the place itself does not exist.
    var suffix = ""
}
