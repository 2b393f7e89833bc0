import OnewayCore

/// Values that all tables hold.
extension SQLRow {
    func timestamp(_ column: Int32) -> Timestamp { Timestamp(milliseconds: integer(column)) }

    func optionalGUID(_ column: Int32) -> GUID? { optionalBytes(column).flatMap(GUID.init(bytes:)) }

    func guid(_ column: Int32) throws(StoreError) -> GUID {
        guard let id = optionalGUID(column) else { throw StoreError(.corrupt, "a row holds an invalid id") }
        return id
    }

    /// Of the first two columns.
    func recordKey() throws(StoreError) -> RecordKey { RecordKey(try named(0), try guid(1)) }

    func named<Name: RawRepresentable<String>>(_ column: Int32) throws(StoreError) -> Name {
        guard let name = Name(rawValue: text(column)) else { throw StoreError(.corrupt, "a row holds an unknown name") }
        return name
    }

    func optionalNamed<Name: RawRepresentable<String>>(_ column: Int32) throws(StoreError) -> Name? {
        isNull(column) ? nil : try named(column)
    }
}

extension RecordKey {
    var values: [SQLValue] { [.text(entity.rawValue), .blob(id.bytes)] }
}

extension DeliveryKey {
    var values: [SQLValue] { [.text(kind.rawValue), .text(text)] }
}
