/// One value of a Marketo record, for comparing what was sent with what Marketo returns: it may write the same value in
/// another way.
public enum MarketoValue {
    /// Whether Marketo holds what is wanted. `field` is Marketo's own description, if it is known.
    ///
    /// Marketo leaves empty fields out or returns null, and stores an empty text as null. It may write numbers as text
    /// and with other digits, times with another offset and with fractions, and ids in the other case.
    public static func isSame(_ wanted: JSONValue, _ held: JSONValue?, _ field: MarketoFields.Field? = nil) -> Bool {
        guard let wanted = text(wanted) else { return held.flatMap(text) == nil }
        guard let held = held.flatMap(text) else { return false }
        if wanted == held { return true }
        switch field?.dataType {
        case "boolean": return flag(wanted) != nil && flag(wanted) == flag(held)
        case "integer", "float", "currency", "percent", "score": return isSameNumber(wanted, held)
        case "date": return isSameDay(wanted, held)
        case "datetime": return isSameTime(wanted, held)
        case nil: return isSameNumber(wanted, held) || isSameTime(wanted, held) || isSameID(wanted, held)
        default: return isSameID(wanted, held) || isCut(wanted, held, to: field?.length)
        }
    }

    /// A scalar as text; nil for what counts as empty.
    private static func text(_ value: JSONValue) -> String? {
        if let flag = value.bool { return flag ? "true" : "false" }
        if let text = value.string ?? value.number { return text.isEmpty ? nil : text }
        return value.isNull ? nil : String(decoding: value.encoded, as: UTF8.self)
    }

    private static func flag(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "1": true
        case "false", "0": false
        default: nil
        }
    }

    /// Marketo keeps floating-point numbers, so digits beyond their precision are no difference.
    private static func isSameNumber(_ wanted: String, _ held: String) -> Bool {
        guard let wanted = number(wanted), let held = number(held) else { return false }
        return wanted == held
    }

    private static func number(_ text: String) -> Double? {
        text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) } ? Double(text) : nil
    }

    /// A day may come back as the midnight that begins it, in any zone.
    private static func isSameDay(_ wanted: String, _ held: String) -> Bool {
        guard Timestamp(iso8601: String(wanted.prefix(10))) != nil else { return false }
        return held.utf8.count >= 10 && wanted.prefix(10) == held.prefix(10)
            && (held.utf8.count == 10 || Timestamp(withOffset: held) != nil)
            || Timestamp(withOffset: held).map { "\($0)".prefix(10) == wanted.prefix(10) && $0.second % 86_400 == 0 }
                ?? false
    }

    /// To the second: nothing finer is sent.
    private static func isSameTime(_ wanted: String, _ held: String) -> Bool {
        guard let wanted = Timestamp(withOffset: wanted), let held = Timestamp(withOffset: held) else { return false }
        return wanted.second == held.second
    }

    private static func isSameID(_ wanted: String, _ held: String) -> Bool {
        guard let wanted = GUID(wanted), let held = GUID(held) else { return false }
        return wanted == held
    }

    /// Whether Marketo kept as much of the text as the field holds. Its limit may count characters, UTF-16 units, or
    /// bytes.
    private static func isCut(_ wanted: String, _ held: String, to length: Int?) -> Bool {
        guard let length, wanted.utf8.count > length, wanted.utf8.starts(with: held.utf8) else { return false }
        return held.unicodeScalars.count == length || (length - 1...length).contains(held.utf16.count)
            || (length - 3...length).contains(held.utf8.count)
    }
}

extension Timestamp {
    /// ISO 8601 with `Z` or with an offset such as `+01:00` or `-0800`; a date alone is its midnight in UTC.
    init?(withOffset text: String) {
        if let plain = Timestamp(iso8601: text) {
            self = plain
            return
        }
        guard let hour = text.firstIndex(of: "T"), let sign = text[hour...].lastIndex(where: { "+-".contains($0) }),
            let local = Timestamp(iso8601: text[..<sign] + "Z")
        else { return nil }
        let digits = text[text.index(after: sign)...].filter { $0 != ":" }
        guard digits.utf8.count == 4, let hours = Int64(digits.prefix(2)), let minutes = Int64(digits.suffix(2)),
            (0...14).contains(hours), (0..<60).contains(minutes)
        else { return nil }
        let offset = (hours * 60 + minutes) * 60_000
        self.init(milliseconds: local.milliseconds + (text[sign] == "+" ? -offset : offset))
    }
}
