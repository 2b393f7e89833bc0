import OnewayCore

extension GUID {
    /// Sixteen bytes, in the order of the text.
    var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 16)
        for place in 0..<8 {
            bytes[place] = UInt8(truncatingIfNeeded: high >> (56 - place * 8))
            bytes[8 + place] = UInt8(truncatingIfNeeded: low >> (56 - place * 8))
        }
        return bytes
    }

    init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        func half(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        self.init(high: half(bytes[..<8]), low: half(bytes[8...]))
    }
}

/// Reasons as text: one line each, with the rule before the first tab.
enum ReasonText {
    static func encode(_ reasons: [Reason]) -> String? {
        guard !reasons.isEmpty else { return nil }
        return reasons.map { "\($0.rule ?? "")\t\(oneLine($0.says))" }.joined(separator: "\n")
    }

    /// Works on bytes: a line feed may form one Character with the byte before it (CR LF).
    private static func oneLine(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "\n")) else { return text }
        return String(decoding: text.utf8.map { $0 == UInt8(ascii: "\n") ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }

    static func decode(_ text: String?) -> [Reason] {
        guard let text else { return [] }
        return text.utf8.split(separator: UInt8(ascii: "\n")).map { line in
            let tab = line.firstIndex(of: UInt8(ascii: "\t"))
            let says = tab.map { line[line.index(after: $0)...] } ?? line
            let rule = tab.map { String(Substring(line[..<$0])) }
            return Reason(rule: rule.flatMap { $0.isEmpty ? nil : $0 }, says: String(Substring(says)))
        }
    }
}
