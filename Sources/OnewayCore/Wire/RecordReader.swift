/// Reads the records of a body, and the `{key, value}` pairs that Dynamics writes for every collection with names.
struct RecordReader {
    let document: JSONDocument
    let values: ValueReader
    let entity: Entity
    let selection: Selection

    /// An Entity or EntityReference of the body.
    struct Record {
        var id: GUID?
        var attributes: Int?
        var rowVersion: UInt64?
    }

    init(_ document: JSONDocument, _ entity: Entity, _ selection: Selection) {
        self.document = document
        self.entity = entity
        self.selection = selection
        values = ValueReader(document: document)
    }

    /// A record of the table the notification is about.
    func record(_ index: Int) throws(Unusable) -> Record {
        guard isOfTable(index) else {
            throw Unusable(index: index, says: "the record is not of the table that PrimaryEntityName names")
        }
        return try anyRecord(index)
    }

    func isOfTable(_ index: Int) -> Bool {
        guard let name = document.member(index, "LogicalName"), document.kind(name) != .null else { return true }
        return document.kind(name) == .string && document.string(name) == entity.rawValue
    }

    func anyRecord(_ index: Int) throws(Unusable) -> Record {
        guard document.kind(index) == .object else { throw Unusable(index: index, says: "this should be a record") }
        var record = Record()
        try values.eachMember(index) { (name, value) throws(Unusable) in
            if document.matches(name, "Id") {
                try once(record.id == nil, value)
                record.id = try recordId(value)
            } else if document.matches(name, "Attributes") {
                try once(record.attributes == nil, value)
                record.attributes = try list(value)
            } else if document.matches(name, "RowVersion") {
                record.rowVersion = rowVersion(value)
            }
        }
        return record
    }

    private func once(_ isFirst: Bool, _ index: Int) throws(Unusable) {
        if !isFirst { throw Unusable(index: index, says: "this member appears twice") }
    }

    private func recordId(_ index: Int) throws(Unusable) -> GUID? {
        if document.kind(index) == .null { return nil }
        guard let id = document.guid(index) else { throw Unusable(index: index, says: "this should be a GUID") }
        return id.isZero ? nil : id
    }

    private func list(_ index: Int) throws(Unusable) -> Int {
        guard document.kind(index) == .array else { throw Unusable(index: index, says: "this should be a list") }
        return index
    }

    private func rowVersion(_ index: Int) -> UInt64? {
        let kind = document.kind(index)
        return kind == .string || kind == .number ? UInt64(document.string(index)) : nil
    }

    func eachAttribute(
        of record: Record,
        _ read: (Int, Int) throws(Unusable) -> Void
    ) throws(Unusable) {
        if let list = record.attributes { try eachPair(list, read) }
    }

    /// Reads the `{key, value}` pairs that Dynamics writes for every collection with names.
    func eachPair(_ list: Int, _ read: (Int, Int) throws(Unusable) -> Void) throws(Unusable) {
        var pair = list + 1
        while pair < document.next(list) {
            guard let key = document.member(pair, "key"), document.kind(key) == .string,
                let value = document.member(pair, "value")
            else {
                throw Unusable(index: pair, says: "this should be a pair of key and value")
            }
            try read(key, value)
            pair = document.next(pair)
        }
    }

    /// The selected attributes of a record, and its time.
    func attributeSet(_ record: Record, _ source: Stamp.Source) throws(Unusable) -> AttributeSet {
        var attributeSet = AttributeSet(source: source)
        attributeSet.rowVersion = record.rowVersion
        if let list = record.attributes {
            // A pair is five nodes, and more for most columns.
            attributeSet.attributes.reserveCapacity(min((document.next(list) - list) / 8, 64))
        }
        try eachAttribute(of: record) { (name, index) throws(Unusable) in
            if document.matches(name, "modifiedon"), document.kind(index) != .null {
                guard let date = document.date(index) else {
                    throw Unusable(index: index, says: "this should be a date")
                }
                attributeSet.modifiedOn = date.moment
            } else if document.matches(name, "versionnumber"), attributeSet.rowVersion == nil {
                attributeSet.rowVersion = rowVersion(index)
            }
            guard let column = selection.column(name, of: entity, in: document) else { return }
            if let value = try values.value(index, of: column) {
                attributeSet.attributes.append(Attribute(name: column.name, value: value))
                keepName(of: value, index, column, in: &attributeSet)
            } else {
                attributeSet.notUnderstood += 1
            }
        }
        return attributeSet
    }

    func keep(_ column: String, _ value: Value, in attributeSet: inout AttributeSet) {
        if selection.keeps(column, of: entity) { attributeSet.attributes.append(Attribute(name: column, value: value)) }
    }

    /// Keeps the name of a look-up's target, as found in images. Records in the mirror have their own name there, and a
    /// connection role's is in the language of whoever made the change (R10).
    private func keepName(of value: Value, _ index: Int, _ column: Column, in attributeSet: inout AttributeSet) {
        guard entity != .connection, let kept = column.lookupName, let (target, id) = value.reference,
            ![Entity.account.rawValue, Entity.contact.rawValue].contains(target),
            let name = document.member(index, "Name"), document.kind(name) == .string, !document.range(name).isEmpty
        else { return }
        let told = LookupName(id: id, name: document.string(name))
        attributeSet.attributes.append(Attribute(name: kept, value: told.value))
    }

    // MARK: Parameters and images

    func parameter(_ name: StaticString, of list: Int) throws(Unusable) -> Int {
        guard let found = try optionalParameter(name, of: list) else {
            throw Unusable(index: list, says: "the parameter \(name) is missing")
        }
        return found
    }

    func optionalParameter(_ name: StaticString, of list: Int) throws(Unusable) -> Int? {
        var found: Int?
        try eachPair(list) { (key, value) throws(Unusable) in
            guard document.matches(key, name) else { return }
            if found != nil { throw Unusable(index: value, says: "this parameter appears twice") }
            found = value
        }
        return found
    }
}
