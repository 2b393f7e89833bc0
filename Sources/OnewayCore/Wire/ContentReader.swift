/// Reads what a notification contains about its records: the input parameters, and the images that complete them.
struct ContentReader {
    private(set) var changes: [RecordChange] = []
    private(set) var isCut = false

    private let places: EnvelopeReader
    private let document: JSONDocument
    private let records: RecordReader
    private let entity: Entity

    init(_ places: EnvelopeReader, _ document: JSONDocument, _ entity: Entity, _ selection: Selection) {
        self.places = places
        self.document = document
        self.entity = entity
        records = RecordReader(document, entity, selection)
    }

    mutating func read(_ message: Message) throws(Unusable) {
        guard let parameters = places.inputParameters else {
            throw Unusable(index: 0, says: "this member is missing", suffix: "/InputParameters")
        }
        guard document.kind(parameters) == .array else {
            throw Unusable(index: parameters, says: "this should be a list")
        }
        if document.next(parameters) == parameters + 1 {
            try readCut(message, parameters)
        } else {
            try read(message, parameters)
        }
        let images = try images()
        for index in changes.indices { changes[index].attributeSets += images[changes[index].key.id] ?? [] }
    }

    /// Dynamics empties the parameters of a body over its limit. Only the id is left, which is enough for a Delete.
    private mutating func readCut(_ message: Message, _ parameters: Int) throws(Unusable) {
        guard let id = places.envelope.primaryEntityId else {
            throw Unusable(index: parameters, says: "there are no parameters, and no PrimaryEntityId either")
        }
        let isDeletion = message == .delete
        isCut = !isDeletion
        changes = [RecordChange(key: RecordKey(entity, id), kind: isDeletion ? .deleted : .updated)]
    }

    private mutating func read(_ message: Message, _ parameters: Int) throws(Unusable) {
        switch message {
        case .create: changes = [try change(.created, try records.parameter("Target", of: parameters))]
        case .update: changes = [try change(.updated, try records.parameter("Target", of: parameters))]
        case .delete: changes = [try change(.deleted, try records.parameter("Target", of: parameters))]
        case .assign:
            try readState(parameters, "Target", [("ownerid", "Assignee", isReference: true)])
        case .setState, .setStateDynamicEntity:
            let columns: [StateColumn] = [("statecode", "State", isReference: false), ("statuscode", "Status", false)]
            try readState(parameters, "EntityMoniker", columns)
        case .win: try readClose(parameters, state: 1)
        case .lose: try readClose(parameters, state: 2)
        case .merge: try readMerge(parameters)
        case .createMultiple: try readMultiple(.created, parameters)
        case .updateMultiple: try readMultiple(.updated, parameters)
        case .deleteMultiple: try readMultiple(.deleted, parameters)
        }
    }

    private typealias StateColumn = (column: String, parameter: StaticString, isReference: Bool)

    /// Messages that set columns through parameters of their own.
    private mutating func readState(
        _ parameters: Int,
        _ target: StaticString,
        _ columns: [StateColumn]
    ) throws(Unusable) {
        var attributeSet = AttributeSet(source: .target)
        for column in columns {
            let index = try records.parameter(column.parameter, of: parameters)
            if column.isReference {
                records.keep(column.column, try records.values.reference(index), in: &attributeSet)
            } else if case let number = try records.values.choice(index), number >= 0 {
                // -1 leaves the choice to Dynamics.
                records.keep(column.column, .choice(number), in: &attributeSet)
            }
        }
        let record = try records.record(try records.parameter(target, of: parameters))
        changes = [try RecordChange(key: key(record, parameters), kind: .updated, attributeSets: [attributeSet])]
    }

    /// Win and Lose carry the closing activity instead of a Target. Its revenue is what Dynamics writes to the
    /// opportunity; its end has a time of day, which the opportunity's column does not, so it only fills a gap.
    private mutating func readClose(_ parameters: Int, state: Int) throws(Unusable) {
        let close = try records.parameter("OpportunityClose", of: parameters)
        let activity = try records.anyRecord(close)
        var target = AttributeSet(source: .target)
        records.keep("statecode", .choice(state), in: &target)
        if let index = try records.optionalParameter("Status", of: parameters) {
            let status = try records.values.choice(index)
            if status >= 0 { records.keep("statuscode", .choice(status), in: &target) }
        }
        var revenue = AttributeSet(source: .postImage)
        var end = AttributeSet(source: .preImage)
        var id = places.envelope.primaryEntityId
        try records.eachAttribute(of: activity) { (name, value) throws(Unusable) in
            if document.matches(name, "opportunityid") {
                guard case .reference("opportunity", let guid) = try records.values.reference(value) else {
                    throw Unusable(index: value, says: "this should be a reference to an opportunity")
                }
                id = guid
            } else if document.matches(name, "actualrevenue"),
                let money = try records.values.value(value, of: Column("actualvalue"))
            {
                if !money.isNull { records.keep("actualvalue", money, in: &revenue) }
            } else if document.matches(name, "actualend"),
                let time = try records.values.value(value, of: Column("actualclosedate"))
            {
                if !time.isNull { records.keep("actualclosedate", time, in: &end) }
            }
        }
        guard let id else { throw Unusable(index: close, says: "it does not say which opportunity was closed") }
        let attributeSets = [target, revenue, end].filter { !$0.attributes.isEmpty }
        changes = [RecordChange(key: RecordKey(entity, id), kind: .updated, attributeSets: attributeSets)]
    }

    /// The Target, which may take over columns, replaces the loser.
    private mutating func readMerge(_ parameters: Int) throws(Unusable) {
        let winner = try key(try records.record(try records.parameter("Target", of: parameters)), parameters)
        let subordinate = try records.parameter("SubordinateId", of: parameters)
        guard let loser = document.guid(subordinate), !loser.isZero, loser != winner.id else {
            throw Unusable(index: subordinate, says: "this should be the GUID of another record")
        }
        var attributeSet = AttributeSet(source: .target)
        records.keep("masterid", .reference(entity: entity.rawValue, id: winner.id), in: &attributeSet)
        records.keep("merged", .bool(true), in: &attributeSet)
        changes = [RecordChange(key: winner, kind: .updated)]
        if let content = try records.optionalParameter("UpdateContent", of: parameters),
            document.kind(content) == .object
        {
            changes[0].attributeSets = [try records.attributeSet(try records.anyRecord(content), .target)]
        }
        changes.append(RecordChange(key: RecordKey(entity, loser), kind: .updated, attributeSets: [attributeSet]))
    }

    private mutating func readMultiple(_ kind: RecordChange.Kind, _ parameters: Int) throws(Unusable) {
        let targets = try records.parameter("Targets", of: parameters)
        let list = document.kind(targets) == .object ? document.member(targets, "Entities") : targets
        guard let list, document.kind(list) == .array else {
            throw Unusable(index: targets, says: "this should be a list of records")
        }
        var child = list + 1
        while child < document.next(list) {
            changes.append(try change(kind, child, isOneOfMany: true))
            child = document.next(child)
        }
    }

    private mutating func change(
        _ kind: RecordChange.Kind,
        _ index: Int,
        isOneOfMany: Bool = false
    ) throws(Unusable) -> RecordChange {
        let record = try records.record(index)
        var change = RecordChange(key: try key(record, index, isOneOfMany: isOneOfMany), kind: kind)
        if record.attributes != nil {
            change.attributeSets = [try records.attributeSet(record, .target)]
        } else if kind != .deleted {
            throw Unusable(index: index, says: "a record lacks its Attributes", suffix: "/Attributes")
        }
        return change
    }

    /// The Target names the record; if it does not, the envelope or the output of the creation does.
    private func key(_ record: RecordReader.Record, _ index: Int, isOneOfMany: Bool = false) throws(Unusable)
        -> RecordKey
    {
        let primary = isOneOfMany ? nil : places.envelope.primaryEntityId
        if let id = record.id {
            guard primary == nil || primary == id else {
                throw Unusable(index: index, says: "the record is not the one that PrimaryEntityId names")
            }
            return RecordKey(entity, id)
        }
        if let primary { return RecordKey(entity, primary) }
        if !isOneOfMany, let output = places.outputParameters, document.kind(output) == .array,
            let created = try records.optionalParameter("id", of: output), let id = document.guid(created), !id.isZero
        {
            return RecordKey(entity, id)
        }
        throw Unusable(index: index, says: "it does not say which record this is about")
    }

    /// Images complete the Target. Grouped by record, because only images of the same record are relevant.
    private func images() throws(Unusable) -> [GUID: [AttributeSet]] {
        var images: [GUID: [AttributeSet]] = [:]
        for (list, source) in [(places.postEntityImages, Stamp.Source.postImage), (places.preEntityImages, .preImage)] {
            guard let list, document.kind(list) == .array else { continue }
            try records.eachPair(list) { (alias, index) throws(Unusable) in
                guard document.kind(index) == .object, records.isOfTable(index) else { return }
                let image = try records.anyRecord(index)
                guard let id = image.id else { return }
                let isAutomatic = document.matches(alias, "AsynchronousStepPrimaryName")
                images[id, default: []].append(try records.attributeSet(image, isAutomatic ? .primaryName : source))
            }
        }
        return images
    }
}
