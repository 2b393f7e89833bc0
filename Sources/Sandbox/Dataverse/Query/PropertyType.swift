/// The type of a property, by its OData name.
enum PropertyType: String, Sendable {
    case string = "String"
    case guid = "Guid"
    case int32 = "Int32"
    case int64 = "Int64"
    case decimal = "Decimal"
    case boolean = "Boolean"
    case moment = "DateTimeOffset"
    case date = "Date"

    init(_ kind: Column.Kind) {
        self =
            switch kind {
            case .key, .lookup: .guid
            case .text, .memo: .string
            case .whole, .choice, .state, .status: .int32
            case .bigint: .int64
            case .decimal, .money: .decimal
            case .flag: .boolean
            case .moment: .moment
            case .day: .date
            }
    }

    /// Returns an error if such a property cannot be compared with the value.
    func complaint(_ value: FilterValue) -> DataverseError? {
        switch (self, value) {
        case (_, .null), (.string, .text), (.guid, .id), (.int32, .number), (.int64, .number), (.decimal, .number),
            (.boolean, .flag), (.moment, .moment), (.date, .moment):
            nil
        default:
            .bad(
                "A binary operator with incompatible types was detected. Found operand types 'Edm.\(rawValue)' and "
                    + "'Edm.\(value.typeName)' for operator kind 'Equal'."
            )
        }
    }
}

extension FilterValue {
    fileprivate var typeName: String {
        switch self {
        case .null: "Null"
        case .flag: "Boolean"
        case .number: "Int32"
        case .text: "String"
        case .id: "Guid"
        case .moment: "DateTimeOffset"
        }
    }
}
