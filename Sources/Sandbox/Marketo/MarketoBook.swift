public import OnewayCore

/// The contents of a Marketo instance, as a value: no thread, no clock, no network. Each function answers as Marketo
/// would.
public struct MarketoBook: Sendable {
    // Separate properties, so that reading one never copies it: a copy would make the next change copy all it holds.
    private var companies = Shelf(Schema(.company))
    private var opportunities = Shelf(Schema(.opportunity))
    private var roles = Shelf(Schema(.role))
    private var salesPersons = Shelf(Schema(.salesPerson))
    private var leads = Shelf(Schema(.lead))
    private var lastNumber = 0
    /// Creates a lead that is searched for and does not exist.
    public var makesUpLeads = false
    /// The partitions open to this user, if there are several; empty: there is only one.
    public var partitions: Set<String> = []

    public init() {}

    /// Adds a field that this instance has beyond the usual ones.
    public mutating func add(_ field: Field, to kind: MarketoKind) { self[kind].add(field) }

    /// Adds a lead as if it had been created without this API, by a form for instance: unchecked, and unknown fields
    /// become custom fields of type string. Returns its id.
    @discardableResult
    public mutating func seedLead(_ values: [String: JSON], now: Timestamp) -> Int {
        for name in values.keys.sorted() where self[.lead].schema.field(name) == nil {
            self[.lead].add(Field(name, .string))
        }
        return create(.lead, values.filter { $0.value != .null }, now: now).number
    }

    /// Every record of a kind, in the order of creation, with all its fields.
    public func all(_ kind: MarketoKind) -> [JSON] { self[kind].all.map { .sorted($0.values) } }

    /// By key (a role's is `opportunity/lead/role`), for a lead by id.
    public func record(_ kind: MarketoKind, _ key: String) -> JSON? {
        held(kind, key).map { .sorted($0.values) }
    }

    func held(_ kind: MarketoKind, _ key: String) -> HeldRecord? {
        kind == .lead ? Int(key).flatMap { self[kind][$0] } : self[kind].record(key: key)
    }

    subscript(kind: MarketoKind) -> Shelf {
        _read {
            switch kind {
            case .company: yield companies
            case .opportunity: yield opportunities
            case .role: yield roles
            case .salesPerson: yield salesPersons
            case .lead: yield leads
            }
        }
        _modify {
            switch kind {
            case .company: yield &companies
            case .opportunity: yield &opportunities
            case .role: yield &roles
            case .salesPerson: yield &salesPersons
            case .lead: yield &leads
            }
        }
    }

    /// Never call this in an argument to a method of the same book: the method would run on a copy taken before, and
    /// this would then copy all that is held.
    mutating func create(_ kind: MarketoKind, _ values: [String: JSON], now: Timestamp) -> HeldRecord {
        lastNumber += 1
        var values = values
        values[self[kind].schema.idField] =
            self[kind].schema.idField == "id" ? .int(lastNumber) : .string(guid(lastNumber))
        values["createdAt"] = .string("\(Timestamp(second: now.second))")
        values["updatedAt"] = values["createdAt"]
        let record = HeldRecord(number: lastNumber, values: values)
        self[kind].put(record)
        return record
    }

    /// Fields that are not named stay; nil clears.
    mutating func update(_ kind: MarketoKind, _ record: HeldRecord, _ changes: [String: JSON?], now: Timestamp) {
        var record = record
        for (name, value) in changes { record.values[name] = value }
        record.values["updatedAt"] = .string("\(Timestamp(second: now.second))")
        self[kind].put(record)
    }

    private func guid(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "6f1d2c3b-4a59-4e68-8f77-" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }
}
