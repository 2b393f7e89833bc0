import OnewayCore

public enum FieldType: String, Sendable, CaseIterable {
    case string, text, email, phone, url, integer, float, currency, percent, boolean, date, datetime
}

/// One field of a kind of record, as `describe` returns it.
public struct Field: Sendable, Hashable {
    public let name: String
    public let type: FieldType
    /// In characters; for text only.
    public let length: Int?
    public let isUpdateable: Bool
    /// Never null, and needed to create a record.
    public let isRequired: Bool

    public init(_ name: String, _ type: FieldType, length: Int? = nil, updateable: Bool = true, required: Bool = false)
    {
        self.name = name
        self.type = type
        self.length = length ?? (type.isText ? 255 : nil)
        isUpdateable = updateable
        isRequired = required
    }

    /// `externalCompanyId` -> `External Company Id`.
    var displayName: String {
        name.reduce(into: "") { text, letter in
            if letter.isUppercase, text.last?.isLowercase == true { text.append(" ") }
            text += text.isEmpty ? letter.uppercased() : String(letter)
        }
    }

    /// Returns the value to keep of the one that was sent; nil if it clears the field.
    func kept(_ sent: JSON) throws(MarketoFailure) -> JSON? {
        if sent == .null || sent == .string("") {
            if isRequired { throw .missing(name) }
            return nil
        }
        guard let value = type.read(sent) else { throw .wrongType(sent.shown, type) }
        if let length, case .string(let text) = value, text.unicodeScalars.count > length {
            throw .invalid("Value of field '\(name)' is longer than \(length) characters")
        }
        return value
    }
}

extension FieldType {
    var isText: Bool {
        switch self {
        case .string, .text, .email, .phone, .url: true
        default: false
        }
    }

    /// Nil for a value of another type. Numbers may be sent as text: Marketo's own examples write amounts that way.
    func read(_ sent: JSON) -> JSON? {
        switch (self, sent) {
        case (.string, .string), (.text, .string), (.phone, .string), (.url, .string), (.boolean, .bool): return sent
        case (.email, .string(let text)) where text.utf8.allSatisfy { $0 < 0x80 } && text.contains("@"): return sent
        case (.date, .string(let text)) where text.utf8.count == 10 && Timestamp(iso8601: text) != nil: return sent
        case (.datetime, .string(let text)): return Timestamp(w3c: text).map { .string("\($0)") }
        case (.integer, .number(let digits)), (.integer, .string(let digits)),
            (.percent, .number(let digits)), (.percent, .string(let digits)):
            return Int(digits).map(JSON.int)
        case (.float, .number(let digits)), (.currency, .number(let digits)): return .number(digits)
        case (.float, .string(let digits)) where Self.isDecimal(digits): return .number(digits)
        case (.currency, .string(let digits)) where Self.isDecimal(digits): return .number(digits)
        default: return nil
        }
    }

    /// As JSON writes numbers.
    private static func isDecimal(_ text: String) -> Bool {
        ((try? JSONDocument(Array(text.utf8)))?.root.number).map { $0 == text } ?? false
    }
}

extension Timestamp {
    /// ISO 8601 with `Z` or an offset like `+01:00` or `-0800`; a date alone is its midnight in UTC.
    init?(w3c text: String) {
        if let plain = Timestamp(iso8601: text) {
            self = plain
            return
        }
        guard let time = text.firstIndex(of: "T"),
            let sign = text[time...].lastIndex(where: { $0 == "+" || $0 == "-" }),
            let local = Timestamp(iso8601: text[..<sign] + "Z")
        else { return nil }
        let digits = text[text.index(after: sign)...].filter { $0 != ":" }
        guard digits.utf8.count == 4, let hours = Int64(digits.prefix(2)), let minutes = Int64(digits.suffix(2)),
            (0...14).contains(hours), (0..<60).contains(minutes)
        else {
            return nil
        }
        let offset = (hours * 60 + minutes) * 60_000
        self.init(milliseconds: local.milliseconds + (text[sign] == "+" ? -offset : offset))
    }
}
