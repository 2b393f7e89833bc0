import OnewayCore

/// The contents of a Dataverse environment, as a value: no thread, no clock, no network.
struct DataverseBook: Sendable {
    var tables = Tables()
    private var shelves: [String: Rows] = [:]
    /// A single sequence for the whole database, as in Dataverse.
    private(set) var version: Int64 = 5_000_000
    /// Delta tokens of earlier versions have expired.
    private(set) var oldestVersion: Int64 = 0
    private var lastNumber: UInt64 = 0

    /// The SYSTEM user, as which deletions run.
    let system = GUID(high: 0x1000_0000_0000_ef11, low: 0xa81c_6045_bd90_5a00)
    let organization = GUID(high: 0x1000_0001_0000_ef11, low: 0xa81c_6045_bd90_5a00)
    let businessUnit = GUID(high: 0x1000_0002_0000_ef11, low: 0xa81c_6045_bd90_5a00)

    subscript(table: String) -> Rows { shelves[table] ?? Rows() }

    func row(_ reference: RowReference) -> Row? { shelves[reference.table]?[reference.id] }

    func needed(_ table: String, _ id: GUID) throws(DataverseError) -> Row {
        guard let row = shelves[table]?[id] else { throw .missingRow(table, id) }
        return row
    }

    func table(_ name: String) throws(DataverseError) -> Table {
        guard let table = tables[name] else { throw .invalid("The entity with a name = '\(name)' was not found.") }
        return table
    }

    /// Returns the primary name of a row.
    func name(of reference: RowReference) -> String? {
        guard let column = tables[reference.table]?.nameColumn else { return nil }
        return row(reference)?.values[column]?.text
    }

    /// Returns the rows of a table whose lookup refers to a row.
    func rows(_ table: String, _ column: String, _ target: RowReference) -> [Row] {
        self[table].all.filter { $0.values[column]?.reference == target }
    }

    mutating func newID() -> GUID {
        lastNumber += 1
        return GUID(high: (0x2000_0000 + lastNumber) << 32 | 0x71b4_ef11, low: 0xa81c_6045_bd90_5a00)
    }

    /// Stores a row with the next version, and the time and the user of the change.
    @discardableResult
    mutating func put(_ row: Row, by user: GUID, now: Timestamp) -> Row {
        version += 1
        var row = row
        row.version = version
        row.values["modifiedon"] = .moment(Timestamp(second: now.second))
        row.values["modifiedby"] = .lookup(RowReference("systemuser", user))
        if row.values["createdon"] == nil {
            row.values["createdon"] = row.values["modifiedon"]
            row.values["createdby"] = row.values["modifiedby"]
        }
        shelves[row.table, default: Rows()].put(row)
        return row
    }

    /// Expires all delta tokens.
    mutating func forgetChanges() {
        version += 1
        oldestVersion = version
    }

    mutating func remove(_ row: Row) {
        version += 1
        shelves[row.table]?.remove(row.id, version: version)
    }
}
