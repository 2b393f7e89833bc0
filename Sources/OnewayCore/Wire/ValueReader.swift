/// Reads the values of columns from the tape.
struct ValueReader {
    let document: JSONDocument

    private enum Shape { case reference, choice, money, unknown }

    /// Nil for a kind that no field can hold: unknown types are tolerated, known ones with a wrong shape are not.
    func value(_ index: Int, of column: Column) throws(Unusable) -> Value? {
        let value = try anyValue(index, of: column)
        switch (column.content, value) {
        case (.reference, .null), (.reference, .reference), (.choice, .null), (.choice, .choice): return value
        case (.reference, _): throw Unusable(index: index, says: "this column should hold a reference")
        case (.choice, _): throw Unusable(index: index, says: "this column should hold an option")
        default: return value
        }
    }

    /// A reference to the zero GUID is a reference to nothing.
    func reference(_ index: Int) throws(Unusable) -> Value {
        guard document.kind(index) == .object else { throw Unusable(index: index, says: "this should be a reference") }
        var id: GUID?
        var entity: String?
        try eachMember(index) { (name, value) throws(Unusable) in
            if document.matches(name, "Id") {
                guard id == nil, let guid = document.guid(value) else {
                    throw Unusable(index: value, says: "this should be one GUID")
                }
                id = guid
            } else if document.matches(name, "LogicalName") {
                guard entity == nil, document.kind(value) == .string, !document.range(value).isEmpty else {
                    throw Unusable(index: value, says: "this should be the name of one table")
                }
                entity = document.string(value)
            }
        }
        guard let id, let entity else { throw Unusable(index: index, says: "a reference lacks its Id or LogicalName") }
        return id.isZero ? .null : .reference(entity: entity, id: id)
    }

    /// An OptionSetValue's number.
    func choice(_ index: Int) throws(Unusable) -> Int {
        let value = try only("Value", of: index)
        guard let number = document.int(value), Int(Int32.min)...Int(Int32.max) ~= number else {
            throw Unusable(index: value, says: "an option should be a whole number of 32 bits")
        }
        return number
    }

    func eachMember(_ index: Int, _ read: (Int, Int) throws(Unusable) -> Void) throws(Unusable) {
        var child = index + 1
        while child < document.next(index) {
            try read(child, child + 1)
            child = document.next(child + 1)
        }
    }

    private func anyValue(_ index: Int, of column: Column) throws(Unusable) -> Value? {
        switch document.kind(index) {
        case .null: .null
        case .true: .bool(true)
        case .false: .bool(false)
        case .number: .number(document.string(index))
        case .string: textOrTime(index, of: column)
        case .array: try choices(index)
        case .object: try object(index)
        }
    }

    private func textOrTime(_ index: Int, of column: Column) -> Value {
        if let date = document.date(index), column.content != .text { return .time(date.moment) }
        return .text(document.string(index))
    }

    private func object(_ index: Int) throws(Unusable) -> Value? {
        switch shape(index) {
        case .reference: return try reference(index)
        case .choice: return .choice(try choice(index))
        case .money:
            let value = try only("Value", of: index)
            guard document.kind(value) == .number else {
                throw Unusable(index: value, says: "an amount should be a number")
            }
            return .money(document.string(value))
        case .unknown: return nil
        }
    }

    /// A multi-select is a plain array of options; no field can hold other arrays (activity parties).
    private func choices(_ index: Int) throws(Unusable) -> Value? {
        var numbers: Set<Int> = []
        var child = index + 1
        while child < document.next(index) {
            guard document.kind(child) == .object, shape(child) == .choice else { return nil }
            numbers.insert(try choice(child))
            child = document.next(child)
        }
        return .choices(numbers.sorted())
    }

    private func only(_ name: StaticString, of index: Int) throws(Unusable) -> Int {
        var found: Int?
        try eachMember(index) { (member, value) throws(Unusable) in
            guard document.matches(member, name) else { return }
            if found != nil { throw Unusable(index: value, says: "this member appears twice") }
            found = value
        }
        guard let found else { throw Unusable(index: index, says: "a member is missing", suffix: "/\(name)") }
        return found
    }

    /// By the type's name up to its colon; without one, a reference is recognized by its members.
    private func shape(_ index: Int) -> Shape {
        guard let type = document.member(index, "__type") else {
            let isReference = document.member(index, "Id") != nil && document.member(index, "LogicalName") != nil
            return isReference && document.member(index, "Attributes") == nil ? .reference : .unknown
        }
        if document.isType(type, "EntityReference") { return .reference }
        if document.isType(type, "OptionSetValue") { return .choice }
        if document.isType(type, "Money") { return .money }
        return .unknown
    }
}

extension JSONDocument {
    /// Whether a `__type` names this type, with any namespace after the colon.
    fileprivate func isType(_ index: Int, _ name: StaticString) -> Bool {
        guard kind(index) == .string else { return false }
        let (range, length) = (range(index), name.utf8CodeUnitCount)
        guard range.count >= length, begins(range.lowerBound, name) else { return false }
        return range.count == length || bytes[range.lowerBound + length] == UInt8(ascii: ":")
    }
}
